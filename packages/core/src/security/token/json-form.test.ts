import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJsonFault } from './json-form.ts'

describe('findJsonFault', () => {
  it('finds no fault in what JSON.stringify writes, unless it is deep', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom('', ' ', '\n\t'), (value, blank) => {
        expect(findJsonFault(JSON.stringify(value, null, blank))).toBeUndefined()
      }),
    )
  })

  it('finds a member that stands twice, wherever it stands and however it is spelt', () => {
    const spelt = (name: string): fc.Arbitrary<string> =>
      fc.constantFrom(
        JSON.stringify(name),
        `"${[...Buffer.from(name, 'utf16le').swap16().toString('hex').matchAll(/.{4}/g)].map(([unit]) => `\\u${unit}`).join('')}"`,
      )
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 8 }).chain((name) => fc.tuple(spelt(name), spelt(name))),
        fc.constantFrom('', '"x":[1,{"y":2}],', ' "x" : { } , '),
        fc.constantFrom<(text: string) => string>(
          (text) => text,
          (text) => `[0,"{",${text}]`,
          (text) => `{"outer":${text}}`,
        ),
        ([first, second], between, wrap) => {
          const text = wrap(`{${first}:1,${between}${second}:2}`)
          fc.pre(!between.includes(first))
          expect(findJsonFault(text)).toBe('duplicate-member')
        },
      ),
    )
  })

  it.each([
    ['{"a":"a","b":"a"}'],
    ['{"a":{"a":{"a":1}}}'],
    ['[{"a":1},{"a":2}]'],
    ['{"a":["a","a"],"b":["a"]}'],
    ['{"a":"\\"","b":",\\"a\\":1"}'],
    ['{"a\\\\":1,"a":2}'],
    ['{"":1," ":2}'],
  ])('lets the same word stand where it is no member of one object: %s', (text) => {
    expect(findJsonFault(text)).toBeUndefined()
  })

  it('lets 8 levels pass, and no more', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
    expect(findJsonFault(nested(8))).toBeUndefined()
    expect(findJsonFault(nested(9))).toBe('too-deep')
    expect(findJsonFault(`[${'[],'.repeat(20)}[]]`)).toBeUndefined()
    expect(findJsonFault(`"${'['.repeat(20)}"`)).toBeUndefined()
  })
})
