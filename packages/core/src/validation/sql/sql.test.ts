import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { sql } from './sql.ts'
import { SqlFragment } from './sql-fragment.ts'

const refusal = (message: string): unknown =>
  expect.objectContaining({ code: 'SQL_TEMPLATE_INVALID', message: expect.stringContaining(message) })

describe('sql', () => {
  it('gives the text with placeholders, and the values apart', () => {
    const query = sql`SELECT * FROM tasks WHERE tenant_id = ${'acme'} AND title = ${"Robert'); DROP TABLE students;--"}`
    expect(query.text).toBe('SELECT * FROM tasks WHERE tenant_id = $1 AND title = $2')
    expect(query.values).toEqual(['acme', "Robert'); DROP TABLE students;--"])
  })

  it('is printed as its text and the count of its values, never the values', () => {
    const query = sql`SELECT 1 FROM ${sql.identifier('t')} WHERE a = ${'hunter2'} AND b = ANY(${['hunter3', 'hunter4']})`
    expect(inspect(query)).toBe(`SqlFragment { text: ${JSON.stringify(query.text)}, values: 2 }`)
    expect(inspect({ query }, { showHidden: true, depth: 9 })).not.toContain('hunter')
    expect(inspect(sql.empty)).toBe('SqlFragment { text: "", values: 0 }')
  })

  it('numbers the values of nested fragments on', () => {
    const owner = sql`owner = ${'ann'}`
    const query = sql`SELECT 1 FROM t WHERE a = ${1} AND (${owner} OR ${owner}) AND ${sql.identifier('s', 'col')} = ${null}${sql.empty}`
    expect(query.text).toBe('SELECT 1 FROM t WHERE a = $1 AND (owner = $2 OR owner = $3) AND "s"."col" = $4')
    expect(query.values).toEqual([1, 'ann', 'ann', null])
  })

  it('joins values and fragments', () => {
    expect(sql`IN (${sql.join([1, 2, 3])})`.text).toBe('IN ($1, $2, $3)')
    const both = sql.join([sql`a = ${1}`, sql`b = ${2}`], sql` AND `)
    expect([both.text, both.values]).toEqual(['a = $1 AND b = $2', [1, 2]])
    expect(sql.join([]).text).toBe('')
  })

  it('keeps apart what would grow together into one token', () => {
    expect(sql`LIMIT${5}`.text).toBe('LIMIT $1')
    expect(sql`SELECT ${1}0`.text).toBe('SELECT $1 0')
    expect(sql`${1}${2}`.text).toBe('$1 $2')
    expect(sql`${sql.identifier('a')}${sql.identifier('b')}`.text).toBe('"a" "b"')
  })

  it('an array is one value', () => {
    const query = sql`id = ANY(${['a', 'b']})`
    expect([query.text, query.values]).toEqual(['id = ANY($1)', [['a', 'b']]])
  })

  it.each([
    ['string', () => sql`SELECT '${'x'}'`, 'string'],
    ['escape string', () => sql`SELECT E'a\\'${'x'}'`, 'string'],
    ['quoted name', () => sql`SELECT "${'x'}"`, 'identifier'],
    ['line comment', () => sql`SELECT 1 -- ${'x'}`, 'line-comment'],
    ['block comment', () => sql`SELECT /* /* */ ${'x'} */ 1`, 'block-comment'],
    ['dollar quote', () => sql`SELECT $tag$ ${'x'} $tag$`, 'dollar-quote'],
  ])('refuses a value within a %s', (_name, make, open) => {
    expect(make).toThrow(refusal(`piece 1 of the template leaves a ${open} open`))
  })

  it('allows quotes and comments that are closed', () => {
    const query = sql`SELECT 'it''s', E'a\\'b', "a""b", $$ ' $$, $q$ $$ $q$ /* ' /* " */ */ -- "'
      , ${1}`
    expect(query.values).toEqual([1])
  })

  it.each([
    ['an object', () => sql`SELECT ${JSON.parse('{"text":"DROP","values":[]}')}`, 'input 1 cannot be bound'],
    ['undefined', () => sql`SELECT ${JSON.parse('[]')[0]}`, 'input 1 cannot be bound'],
    ['nested arrays', () => sql`SELECT ${JSON.parse('[[1]]')}`, 'input 1 cannot be bound'],
    [
      'a placeholder of its own',
      () => sql`SELECT $1, ${2}`,
      'piece 1 of the template holds a placeholder of its own',
    ],
    [
      'a call with an array',
      () => Reflect.apply(sql, undefined, [['DROP TABLE t']]),
      'sql is a template tag',
    ],
    ['a call with a string', () => Reflect.apply(sql, undefined, ['DROP TABLE t']), 'sql is a template tag'],
    [
      'a forged template',
      () => Reflect.apply(sql, undefined, [Object.assign(['DROP'], { raw: ['DROP'] })]),
      'sql is a template tag',
    ],
    ['an identifier without a name', () => sql.identifier(), 'an identifier needs a name'],
  ])('refuses %s', (_name, make, message) => {
    expect(make).toThrow(refusal(message))
  })

  it.each(['', 'a\0b', 'x'.repeat(64), 'ü'.repeat(32), '\ud800'])('refuses the identifier %j', (name) => {
    expect(() => sql.identifier(name)).toThrow(
      expect.objectContaining({
        code: 'TEXT_NOT_ENCODABLE',
        details: expect.objectContaining({ sink: 'an SQL identifier' }),
      }),
    )
  })

  it('knows fragments by what JSON cannot have', () => {
    expect(SqlFragment.is(sql`a`)).toBe(true)
    expect(SqlFragment.is(JSON.parse('{"parts":[],"text":"a","values":[]}'))).toBe(false)
    expect(SqlFragment.is(Object.create(SqlFragment.prototype))).toBe(false)
  })
})
