import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LLM_PARSE_POLICIES } from '../parse-policies.ts'
import { countQuotes } from './count-quotes.ts'
import { mayBeJson } from './may-be-json.ts'
import { isPlainJson } from './plain-json.ts'
import { readJson } from './read-json.ts'

const RULES = { ...DEFAULT_LLM_PARSE_POLICIES, mode: 'strict', maxDepth: 8, isPartial: false } as const

const scalar = fc.constantFrom(
  ...['0', '-0', '1', '1e-400', '1e400', '9007199254740993', '0.1', '1e21', 'true', 'null'],
  ...['"a"', '"\\""', '"\\\\"', '"\\ud83d"', '"\\ud83d\\ude00"', '"\ud83d"', '"“•”"', '"x:y"'],
)
const key = fc.constantFrom(
  '"a"',
  '"b"',
  '"\\u0061"',
  '"__proto__"',
  '"constructor"',
  '"\\u005f_proto__"',
  '"\\""',
)
const { text } = fc.letrec<{ text: string; object: string; array: string }>((tie) => ({
  text: fc.oneof({ depthSize: 'medium' }, scalar, tie('object'), tie('array')),
  object: fc
    .array(fc.tuple(key, tie('text')), { maxLength: 3 })
    .map((members) => `{${members.map(([name, value]) => `${name} : ${value}`).join(', ')}}`),
  array: fc.array(tie('text'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
}))

describe('the quick look at JSON that JSON.parse took', () => {
  test('calls nothing plain in which the reader finds a fault', () => {
    let plain = 0
    fc.assert(
      fc.property(text, (json) => {
        const value: unknown = JSON.parse(json)
        if (!isPlainJson(json, value, RULES.maxDepth)) return
        plain++
        expect(readJson(json, 0, json.length, RULES)).toEqual({
          kind: 'whole',
          value,
          start: 0,
          end: json.length,
          fixes: [],
        })
      }),
      { numRuns: 5000, seed: 6 },
    )
    expect(plain).toBeGreaterThan(500)
  })

  test.each([
    '{"a":"x\\"y","b":["•",0,-1.5]}',
    '[ { "a" : "" }, { "a" : "re-ask: 1" } ]',
    '{"module-01":0}',
    '{}',
    '"“”"',
  ])('takes %s for plain', (json) => {
    expect(mayBeJson(json)).toBe(true)
    expect(isPlainJson(json, JSON.parse(json), 8)).toBe(true)
  })

  test('is taken at all valid JSON whose strings hold no brackets and commas', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const json = ` ${JSON.stringify(value, null, indent)}\n`
        if (!/,\s*[\]}]/.test(json)) expect(mayBeJson(json)).toBe(true)
      }),
    )
  })

  test('counts quotation marks of texts of any length', () => {
    const unit = fc.constantFrom('"', 'a', 'é', '•', '😀', '\ud83d')
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), fc.constantFrom(1, 3, 2000), (units, times) => {
        const long = units.join('').repeat(times)
        expect(countQuotes(long)).toBe(long.split('"').length - 1)
      }),
    )
  })
})
