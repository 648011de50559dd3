import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkValue } from '../check-value.ts'
import type { StandardSchema } from '../standard-schema.ts'

const RECORD = { age: 12, ok: true, id: '7', colour: 'red', when: { at: 3 }, tags: [1, 2] }
const LOOSE = { age: '12', ok: ' True', id: 7, colour: 'RED ', when: { at: '3' }, tags: ['1', 2] }

const SCHEMAS: readonly [string, StandardSchema<unknown>][] = [
  [
    'zod',
    z.object({
      age: z.int(),
      ok: z.boolean(),
      id: z.string(),
      colour: z.enum(['red', 'green']),
      when: z.object({ at: z.number() }),
      tags: z.array(z.number()),
    }),
  ],
  [
    'valibot',
    v.object({
      age: v.pipe(v.number(), v.integer()),
      ok: v.boolean(),
      id: v.string(),
      colour: v.picklist(['red', 'green']),
      when: v.object({ at: v.number() }),
      tags: v.array(v.number()),
    }),
  ],
  [
    'arktype',
    type({
      age: 'number.integer',
      ok: 'boolean',
      id: 'string',
      colour: "'red' | 'green'",
      when: { at: 'number' },
      tags: 'number[]',
    }),
  ],
]

const UNIONS: readonly [string, StandardSchema<unknown>, StandardSchema<unknown>][] = [
  [
    'zod',
    z.union([z.object({ a: z.number(), b: z.string() }), z.object({ a: z.string(), b: z.number() })]),
    z.union([
      z.object({ kind: z.literal('count'), n: z.number() }),
      z.object({ kind: z.literal('name'), n: z.string(), m: z.boolean() }),
    ]),
  ],
  [
    'valibot',
    v.union([v.object({ a: v.number(), b: v.string() }), v.object({ a: v.string(), b: v.number() })]),
    v.union([
      v.object({ kind: v.literal('count'), n: v.number() }),
      v.object({ kind: v.literal('name'), n: v.string(), m: v.boolean() }),
    ]),
  ],
  [
    'arktype',
    type({ a: 'number', b: 'string' }).or({ a: 'string', b: 'number' }),
    type({ kind: "'count'", n: 'number' }).or({ kind: "'name'", n: 'string', m: 'boolean' }),
  ],
]

describe('checkValue with coercion', () => {
  it.each(SCHEMAS)('converts what a schema of %s asks for, and nothing else', (_name, schema) => {
    const checked = checkValue(schema, LOOSE, 'safe')
    expect(checked).toMatchObject({ ok: true, value: RECORD })
    const byName = checked.ok ? checked.coercions.map(({ name, path }) => [name, path.join('.')]) : []
    expect(byName.sort()).toEqual([
      ['coerced-boolean', 'ok'],
      ['coerced-enum', 'colour'],
      ['coerced-number', 'age'],
      ['coerced-number', 'tags.0'],
      ['coerced-number', 'when.at'],
      ['coerced-string', 'id'],
    ])
    expect(checkValue(schema, LOOSE)).toMatchObject({ ok: false, code: 'SCHEMA_MISMATCH' })
    expect(checkValue(schema, RECORD, 'lenient')).toMatchObject({ ok: true, coercions: [] })
  })

  it.each(SCHEMAS)(
    'refuses with %s what no conversion mends, and tells of the value as it came',
    (_name, schema) => {
      const unfit = { ...LOOSE, age: 'twelve' }
      expect(checkValue(schema, unfit, 'lenient')).toEqual(checkValue(schema, unfit, 'none'))
    },
  )

  it.each(UNIONS)('resolves unions of %s by the fewest conversions', (_name, _tied, told) => {
    const count = { ok: true, value: { kind: 'count', n: 5 } }
    expect(checkValue(told, { kind: 'Count', n: '5' }, 'safe')).toMatchObject(count)
    const name = { ok: true, value: { kind: 'name', n: '5', m: true } }
    expect(checkValue(told, { kind: 'name', n: 5, m: 'true' }, 'safe')).toMatchObject(name)
  })

  it.each(UNIONS.slice(0, 2))('refuses two branches of a union of %s that are as near', (_name, tied) => {
    expect(checkValue(tied, { a: '1', b: 'x' }, 'safe')).toMatchObject({ ok: true, value: { a: 1, b: 'x' } })
    const checked = checkValue(tied, { a: '1', b: '2' }, 'safe')
    expect(checked).toMatchObject({ ok: false, code: 'AMBIGUOUS', issues: [{ path: [] }] })
  })

  it('keeps to the branch that arktype settles on by the kind of a field', () => {
    const [, tied] = UNIONS[2] ?? ['', z.never()]
    expect(checkValue(tied, { a: '1', b: '2' }, 'safe')).toMatchObject({ ok: true, value: { a: '1', b: 2 } })
    expect(checkValue(tied, { a: '1', b: 'x' }, 'safe')).toMatchObject({ ok: false, code: 'SCHEMA_MISMATCH' })
  })

  it.each<[string, StandardSchema<unknown>, unknown, unknown]>([
    ['one value for a list', z.array(z.string()), 'x', ['x']],
    ['one text for a list of numbers', z.object({ n: z.array(z.number()) }), { n: '1' }, { n: [1] }],
    ['null for what may be absent', z.object({ a: z.string().optional() }), { a: null }, {}],
    ['thousands that are set apart twice', z.number(), '1,234,567', 1_234_567],
    [
      'an object written as a string',
      z.object({ a: z.record(z.string(), z.number()) }),
      { a: '{"b": 1}' },
      { a: { b: 1 } },
    ],
    ['a list of texts written as a string', z.array(z.string()), '["a", "b"]', ['a', 'b']],
    ['an allowed text written another way', z.enum(['in_progress', 'done']), 'In Progress', 'in_progress'],
  ])('converts %s under lenient alone', (_name, schema, json, value) => {
    expect(checkValue(schema, json, 'lenient')).toMatchObject({ ok: true, value })
    expect(checkValue(schema, json, 'safe')).toMatchObject({ ok: false })
  })

  it.each<[string, StandardSchema<unknown>, unknown]>([
    ['a comma that may be a decimal point', z.number(), '12,111'],
    ['a postal code', z.number(), '00501'],
    ['an integer that a double does not keep', z.number(), '9007199254740993'],
    ['an integer beyond 2^53 that a double happens to keep', z.number(), '9007199254740994'],
    ['more digits than a double keeps', z.number(), '0.12345678901234567890'],
    ['an overflow', z.number(), '1e999'],
    ['a percentage', z.number(), '12%'],
    ['a fraction where an integer is wanted', z.int(), '3.7'],
    ['a version number', z.object({ version: z.string() }), { version: 1.1 }],
    ['a number below the least allowed', z.number().min(0), '-5'],
    ['two allowed texts that differ in case only', z.enum(['Red', 'RED']), 'red'],
    [
      'by two guesses at once, an object in a string for a list of one',
      z.array(z.object({ a: z.number() })),
      '{"a": 1}',
    ],
    ['an object in a string that gives a key twice', z.object({ a: z.number() }), '{"a": 1, "a": 2}'],
    ['an object in a string that is cut short', z.object({ a: z.number() }), '{"a": 1'],
    ['a number in a string of JSON to a text', z.object({ a: z.string() }), '{"a": 1.10}'],
    ['nothing where a value is required', z.object({ a: z.string() }), { a: null }],
    ['an empty text', z.number(), ''],
    ['one for a flag', z.boolean(), 1],
    ['a list that nests for ever', endless(), 'x'],
  ])('never converts %s', (_name, schema, json) => {
    expect(checkValue(schema, json, 'lenient')).toMatchObject({ ok: false, code: 'SCHEMA_MISMATCH' })
    expect(checkValue(schema, json, 'safe')).toMatchObject({ ok: false, code: 'SCHEMA_MISMATCH' })
  })

  it('refuses what may as well be a number as a list', () => {
    const schema = z.object({ u: z.union([z.number(), z.array(z.string())]) })
    expect(checkValue(schema, { u: '12' }, 'lenient')).toMatchObject({
      code: 'AMBIGUOUS',
      issues: [{ path: ['u'] }],
    })
  })

  it('leaves the value that it was given as it is', () => {
    const json = structuredClone(LOOSE)
    for (const [, schema] of SCHEMAS) checkValue(schema, json, 'lenient')
    expect(json).toEqual(LOOSE)
  })

  it('asks the schema no more often for a long list than for a short one', () => {
    let checks = 0
    const inner = z.object({ rows: z.array(z.object({ n: z.number() })) })
    const counted: StandardSchema<unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          checks++
          return inner['~standard'].validate(value)
        },
      },
    }
    const rows = (length: number): unknown => ({ rows: Array.from({ length }, (_, n) => ({ n: `${n}` })) })
    expect(checkValue(counted, rows(2), 'safe')).toMatchObject({ ok: true })
    const few = checks
    checks = 0
    expect(checkValue(counted, rows(1000), 'safe')).toMatchObject({ ok: true })
    expect(checks).toBe(few)
    expect(checkValue(counted, rows(1001), 'safe')).toMatchObject({ ok: false })
  })

  it('gives back under safe what was written: any number, flag or integer survives its detour as text', () => {
    const schema = z.object({ n: z.number(), b: z.boolean(), s: z.string() })
    const double = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(double, fc.boolean(), fc.maxSafeInteger(), (n, b, s) => {
        const checked = checkValue(schema, { n: JSON.stringify(n), b: String(b), s }, 'safe')
        if (checked.ok) expect(checked.value).toEqual({ n: n === 0 ? 0 : n, b, s: String(s === 0 ? 0 : s) })
        else expect(Number.isSafeInteger(n) || Math.abs(n) < 2 ** 53).toBe(false)
      }),
    )
  })

  it('fits whatever it accepts: a coerced value passes the schema as it is', () => {
    const schema = z.object({
      n: z.number().min(3),
      e: z.enum(['a', 'b']),
      l: z.array(z.union([z.int(), z.boolean()])),
    })
    const scalar = fc.oneof(
      fc.integer().map(String),
      fc.boolean().map(String),
      fc.constantFrom('A', ' b', null, 5),
    )
    const json = fc.record({ n: scalar, e: scalar, l: fc.oneof(scalar, fc.array(scalar)) })
    fc.assert(
      fc.property(json, fc.constantFrom('safe' as const, 'lenient' as const), (value, level) => {
        const checked = checkValue(schema, value, level)
        if (checked.ok) expect(schema.safeParse(checked.value).success).toBe(true)
      }),
    )
  })
})

function endless(): StandardSchema<unknown> {
  const schema: z.ZodType = z.array(z.lazy(() => schema))
  return schema
}
