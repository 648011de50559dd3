import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readArrayLiteral, writeArrayLiteral } from './array-literal.ts'

const asText = (text: string): string => text

it('reads back what it wrote, whatever the elements hold', () => {
  const element = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constant(null),
    fc.constantFrom('NULL', '', '"', '\\', '{}', ','),
  )
  const flat = fc.array(element)
  const nested = fc.array(fc.array(element, { minLength: 1 }), { minLength: 1 })
  fc.assert(
    fc.property(fc.oneof(flat, nested), (elements) => {
      expect(readArrayLiteral(writeArrayLiteral(elements), asText)).toEqual(elements)
    }),
  )
})

it('tells NULL from a text of these letters', () => {
  expect(readArrayLiteral('{NULL,"NULL",null}', asText)).toEqual([null, 'NULL', 'null'])
})

it.each(['', '{', '{a', '{a,}', '{"a}', '{"a\\', '{a}b', 'a', '{{a}', '[0:1]{1}', '{a"b'.slice(0, 2)])(
  'refuses %j',
  (literal) => {
    expect(() => readArrayLiteral(literal, asText)).toThrow(SyntaxError)
  },
)
