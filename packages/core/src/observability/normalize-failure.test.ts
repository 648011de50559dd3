import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizeFailure } from './normalize-failure.ts'

describe('normalizeFailure', () => {
  test('normalising twice changes nothing', () => {
    const words = fc.constantFrom(
      'task',
      't-17',
      '"a b"',
      "'x'",
      '3.5',
      'http://a.b/c',
      '<id>',
      '2026-01-01',
      'é',
      '`q`',
    )
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(words).map((list) => list.join(' ')),
    )
    fc.assert(
      fc.property(texts, (error) => {
        const once = normalizeFailure(error)
        expect(normalizeFailure(once)).toBe(once)
      }),
      { numRuns: 1000 },
    )
  })

  test('which number stands in a message makes no difference', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        expect(normalizeFailure(`item ${one} of ${other} failed`)).toBe('item <id> of <id> failed')
      }),
    )
  })

  test('a text of a megabyte is read to its bound', () => {
    expect(normalizeFailure('x'.repeat(1_000_000)).length).toBeLessThanOrEqual(2000)
  })
})
