import fc from 'fast-check'
import type { SchemaNode } from './api-document.ts'

type Schemas = Readonly<Record<string, SchemaNode>>

const MAX_DEPTH = 6
const MAX_LENGTH = 40
const MAX_ITEMS = 2

/** Values that a schema of the document takes, as far as it says; what it does not say may still refuse them. */
export function valuesOf(schema: SchemaNode, schemas: Schemas, depth = 0): fc.Arbitrary<unknown> {
  if (depth > MAX_DEPTH) return fc.constant(null)
  const nested = (node: unknown): fc.Arbitrary<unknown> => valuesOf(asSchema(node), schemas, depth + 1)
  if (typeof schema.$ref === 'string') return nested(schemas[schema.$ref.split('/').at(-1) ?? ''])
  if ('const' in schema) return fc.constant(schema.const)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (Array.isArray(choices)) return fc.oneof(...choices.map(nested))
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => nested({ ...schema, type })))
  switch (schema.type) {
    case 'string':
      return textsOf(schema)
    case 'integer':
      return fc.integer(rangeOf(schema))
    case 'number':
      return fc.integer(rangeOf(schema)).map(Number)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return arraysOf(schema, nested)
    case 'object':
      return objectsOf(schema, nested)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function textsOf({
  pattern,
  format,
  minLength = 0,
  maxLength = MAX_LENGTH,
}: SchemaNode): fc.Arbitrary<string> {
  if (format === 'date-time') {
    const [min, max] = [new Date('2000-01-01'), new Date('2100-01-01')]
    return fc.date({ min, max, noInvalidDate: true }).map((date) => date.toISOString())
  }
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  const least = Number(minLength)
  const bounds = { minLength: least, maxLength: Math.max(least, Math.min(Number(maxLength), MAX_LENGTH)) }
  return fc.oneof(
    fc.string({ ...bounds, unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-') }),
    fc.string(bounds),
    fc
      .string({ ...bounds, unit: 'grapheme-composite' })
      .map((text) => text.slice(0, bounds.maxLength).toWellFormed()),
  )
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaNode): {
  min: number
  max: number
} {
  const least =
    typeof minimum === 'number'
      ? minimum
      : typeof exclusiveMinimum === 'number'
        ? exclusiveMinimum + 1
        : -1000
  const most =
    typeof maximum === 'number'
      ? maximum
      : typeof exclusiveMaximum === 'number'
        ? exclusiveMaximum - 1
        : 1_000_000
  const min = Math.max(Math.ceil(least), -(2 ** 31))
  return { min, max: Math.max(min, Math.min(Math.floor(most), 2 ** 31 - 1)) }
}

function arraysOf(
  { items, minItems = 0, maxItems = MAX_ITEMS }: SchemaNode,
  nested: (node: unknown) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const minLength = Number(minItems)
  const maxLength = Math.max(minLength, Math.min(Number(maxItems), MAX_ITEMS))
  return fc.array(nested(items ?? {}), { minLength, maxLength })
}

function objectsOf(
  { properties, required, additionalProperties }: SchemaNode,
  nested: (node: unknown) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const members = Object.fromEntries(
    Object.entries(asSchema(properties)).map(([name, node]) => [name, nested(node)]),
  )
  const needed = Array.isArray(required) ? required.filter((name) => name in members) : []
  const least = Object.fromEntries(needed.map((name) => [name, members[name] ?? fc.constant(null)]))
  const named = fc.oneof(fc.record(least), fc.record(members, { requiredKeys: needed }))
  if (typeof additionalProperties !== 'object') return named
  const name = fc.string({ minLength: 1, maxLength: 10 }).filter((one) => one !== '__proto__')
  const others = fc.dictionary(name, nested(additionalProperties), { maxKeys: MAX_ITEMS })
  return fc.tuple(others, named).map(([more, known]) => ({ ...more, ...known }))
}

function asSchema(node: unknown): SchemaNode {
  // A schema of JSON Schema is an object, or a boolean that says as much as an empty one here.
  return typeof node === 'object' && node !== null ? (node as SchemaNode) : {}
}
