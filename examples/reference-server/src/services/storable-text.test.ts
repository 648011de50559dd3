import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isStorable, isStorableJson, toStorable } from './storable-text.ts'

const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
})

describe('storable text', () => {
  it('is what remains of any text, cut anywhere', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, max) => {
        const stored = toStorable(text, max)
        expect(isStorable(stored)).toBe(true)
        expect(stored.length).toBeLessThanOrEqual(max)
      }),
    )
  })

  it('is left as it is', () => {
    expect(toStorable('naïve 😀', 100)).toBe('naïve 😀')
  })

  it.each(['a\u0000b', '\ud800', 'x\udc00'])('is not %j', (text) => {
    expect(isStorable(text)).toBe(false)
    expect(isStorableJson([{ deep: text }])).toBe(false)
    expect(isStorableJson({ [text]: 1 })).toBe(false)
  })

  it('is JSON that speaks of such characters without holding them', () => {
    expect(isStorableJson({ text: '\\u0000 \\ud800', n: 1, b: null })).toBe(true)
  })
})
