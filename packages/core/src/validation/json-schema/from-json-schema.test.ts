import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { checkValue } from '../check-value.ts'
import { fromJsonSchema } from './from-json-schema.ts'

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    age: { type: 'integer', minimum: 0 },
    colour: { enum: ['red', 'green'] },
    'a/b~c': { type: ['boolean', 'null'] },
    tags: { type: 'array', items: { type: 'number' } },
  },
  required: ['name', 'age'],
  additionalProperties: false,
}
const UNION = {
  $defs: {
    count: {
      type: 'object',
      properties: { kind: { const: 'count' }, n: { type: 'number' } },
      required: ['kind', 'n'],
    },
  },
  anyOf: [
    { $ref: '#/$defs/count' },
    {
      type: 'object',
      properties: { kind: { const: 'name' }, n: { type: 'string' }, m: { type: 'boolean' } },
      required: ['kind', 'n', 'm'],
    },
  ],
}
const TIED = {
  type: 'object',
  properties: { u: { anyOf: [pair('number', 'string'), pair('string', 'number')] } },
}

describe.each([true, false])('fromJsonSchema, allErrors %s', (allErrors) => {
  const ajv = new Ajv({ allErrors, allowUnionTypes: true })
  const person = fromJsonSchema<{ name: string; age: number }>(ajv, PERSON)

  it('takes what the schema takes, as it is', () => {
    const json = { name: 'Ada', age: 36 }
    const checked = checkValue(person, json, 'lenient')
    expect(checked).toEqual({ ok: true, value: json, coercions: [] })
    expect(checked.ok && checked.value).toBe(json)
  })

  it('converts what the schema asks for', () => {
    const json = { name: 7, age: '36', colour: ' RED', 'a/b~c': 'True', tags: ['1', 2] }
    const value = { name: '7', age: 36, colour: 'red', 'a/b~c': true, tags: [1, 2] }
    expect(checkValue(person, json, 'safe')).toMatchObject({ ok: true, value })
  })

  it('refuses what no conversion mends', () => {
    expect(checkValue(person, { name: 'Ada', age: '-1' }, 'lenient')).toMatchObject({ ok: false })
    expect(checkValue(person, { name: 'Ada', age: 1, more: 'x' }, 'lenient')).toMatchObject({ ok: false })
  })

  it('resolves unions by the fewest conversions and refuses ties', () => {
    const told = fromJsonSchema(ajv, UNION)
    const count = { ok: true, value: { kind: 'count', n: 5 } }
    expect(checkValue(told, { kind: 'Count', n: allErrors ? '5' : 5 }, 'safe')).toMatchObject(count)
    const tied = fromJsonSchema(ajv, TIED)
    const one = { ok: true, value: { u: { a: 1, b: 'x' } } }
    expect(checkValue(tied, { u: { a: '1', b: 'x' } }, 'safe')).toMatchObject(one)
    expect(checkValue(tied, { u: { a: '1', b: '2' } }, 'safe')).toMatchObject({ code: 'AMBIGUOUS' })
  })
})

describe('fromJsonSchema', () => {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })

  it('says of each fault where it is, what is expected and which keyword asks for it', () => {
    const checked = checkValue(fromJsonSchema(ajv, PERSON), { name: '', colour: 'x', tags: [1, 'y'], z: 1 })
    expect(checked.ok ? [] : checked.issues).toEqual(
      expect.arrayContaining([
        { path: ['age'], expected: 'a value', kind: 'required', received: 'nothing' },
        { path: [], expected: 'no other keys', kind: 'additionalProperties', received: 'object' },
        { path: ['colour'], expected: 'one of "red", "green"', kind: 'enum', received: 'string' },
        { path: ['tags', 1], expected: 'number', kind: 'type', received: 'string' },
      ]),
    )
  })

  it('converts within the branch of a condition', () => {
    const schema = fromJsonSchema(ajv, {
      type: 'object',
      if: { properties: { kind: { const: 'count' } } },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: { properties: { n: { type: 'number' } } },
      else: { properties: { n: { type: 'string' } } },
    })
    const count = { ok: true, value: { kind: 'count', n: 5 } }
    expect(checkValue(schema, { kind: 'count', n: '5' }, 'safe')).toMatchObject(count)
    const name = { ok: true, value: { kind: 'name', n: '5' } }
    expect(checkValue(schema, { kind: 'name', n: 5 }, 'safe')).toMatchObject(name)
  })

  it.each([
    [[], 'array'],
    [{}, 'object'],
    [null, 'null'],
    [true, 'boolean'],
    [1.5, 'number'],
  ])('tells of %j that it is of the kind %s', (name, received) => {
    const checked = checkValue(fromJsonSchema(ajv, PERSON), { name, age: 1 })
    expect(checked.ok ? [] : checked.issues).toMatchObject([{ path: ['name'], received }])
  })

  it('puts the faults of branches within the fault of their union', () => {
    const checked = checkValue(fromJsonSchema(ajv, UNION), { kind: 'other' })
    expect(checked.ok ? [] : checked.issues).toEqual([
      { path: [], expected: 'one of the choices', kind: 'invalid_union', received: 'object' },
    ])
  })

  it.each(['coerceTypes', 'useDefaults', 'removeAdditional'])('refuses an Ajv with %s', (option) => {
    expect(() => fromJsonSchema(new Ajv({ [option]: true }), PERSON)).toThrow(`ajv.opts.${option}`)
  })

  it('refuses what Ajv refuses, and a schema that answers later', () => {
    expect(() => fromJsonSchema(ajv, { type: 'text' })).toThrow('a JSON Schema that Ajv takes')
    expect(() => fromJsonSchema(ajv, { $async: true })).toThrow('a schema that answers at once')
  })
})

function pair(a: string, b: string): unknown {
  return { type: 'object', properties: { a: { type: a }, b: { type: b } }, required: ['a', 'b'] }
}
