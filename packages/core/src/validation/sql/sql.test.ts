import { describe, expect, it } from 'vitest'
import { sql } from './sql.ts'
import { SqlFragment } from './sql-fragment.ts'

describe('sql', () => {
  it('gives the text with placeholders, and the values apart', () => {
    const query = sql`SELECT * FROM tasks WHERE tenant_id = ${'acme'} AND title = ${"Robert'); DROP TABLE students;--"}`
    expect(query.text).toBe('SELECT * FROM tasks WHERE tenant_id = $1 AND title = $2')
    expect(query.values).toEqual(['acme', "Robert'); DROP TABLE students;--"])
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
    ['a string', () => sql`SELECT '${'x'}'`],
    ['an escape string', () => sql`SELECT E'a\\'${'x'}'`],
    ['a quoted name', () => sql`SELECT "${'x'}"`],
    ['a line comment', () => sql`SELECT 1 -- ${'x'}`],
    ['a block comment', () => sql`SELECT /* /* */ ${'x'} */ 1`],
    ['a dollar quote', () => sql`SELECT $tag$ ${'x'} $tag$`],
  ])('refuses a value within %s', (_name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'SQL_TEMPLATE_INVALID' }))
  })

  it('allows quotes and comments that are closed', () => {
    const query = sql`SELECT 'it''s', E'a\\'b', "a""b", $$ ' $$, $q$ $$ $q$ /* ' /* " */ */ -- "'
      , ${1}`
    expect(query.values).toEqual([1])
  })

  it.each([
    ['an object', () => sql`SELECT ${JSON.parse('{"text":"DROP","values":[]}')}`],
    ['undefined', () => sql`SELECT ${JSON.parse('[]')[0]}`],
    ['nested arrays', () => sql`SELECT ${JSON.parse('[[1]]')}`],
    ['a placeholder of its own', () => sql`SELECT $1, ${2}`],
    ['a call with an array', () => Reflect.apply(sql, undefined, [['DROP TABLE t']])],
    ['a call with a string', () => Reflect.apply(sql, undefined, ['DROP TABLE t'])],
    ['a forged template', () => Reflect.apply(sql, undefined, [Object.assign(['DROP'], { raw: ['DROP'] })])],
    ['an identifier without a name', () => sql.identifier()],
  ])('refuses %s', (_name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'SQL_TEMPLATE_INVALID' }))
  })

  it.each(['', 'a\0b', 'x'.repeat(64), 'ü'.repeat(32), '\ud800'])('refuses the identifier %j', (name) => {
    expect(() => sql.identifier(name)).toThrow(expect.objectContaining({ code: 'TEXT_NOT_ENCODABLE' }))
  })

  it('knows fragments by what JSON cannot have', () => {
    expect(SqlFragment.is(sql`a`)).toBe(true)
    expect(SqlFragment.is(JSON.parse('{"parts":[],"text":"a","values":[]}'))).toBe(false)
    expect(SqlFragment.is(Object.create(SqlFragment.prototype))).toBe(false)
  })
})
