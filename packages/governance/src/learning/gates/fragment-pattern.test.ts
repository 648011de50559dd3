import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdsFragment } from './fragment-pattern.ts'

/** Tries every place of every piece. */
function holdsPlainly(text: string, pieces: readonly string[], maxGap: number, from?: number): boolean {
  const [piece, ...rest] = pieces
  if (piece === undefined) return true
  const last = from === undefined ? text.length : from + maxGap
  for (let start = from ?? 0; start <= last; start++) {
    if (text.startsWith(piece, start) && holdsPlainly(text, rest, maxGap, start + piece.length)) return true
  }
  return false
}

const letters = (bounds: { minLength: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom('a', 'b'), ...bounds })

test('finds what trying every place finds, pieces that repeat themselves included', () => {
  const pieces = fc.array(letters({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 3 })
  // Beginnings of the pieces, one after the other, so that many are nearly found.
  const beginnings = fc.array(fc.tuple(fc.nat(2), fc.nat(9)), { maxLength: 8 })
  fc.assert(
    fc.property(pieces, beginnings, fc.nat(3), (wanted, begun, maxGap) => {
      const text = begun.map(([which, length]) => wanted[which % wanted.length]?.slice(0, length)).join('')
      const found = holdsFragment(text, { label: 'x', pieces: wanted, maxGap })
      expect(found).toBe(holdsPlainly(text, wanted, maxGap))
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['aaab', ['aab'], 0, true],
  ['aabaaab', ['aaab'], 0, true],
  ['ab', ['ab', 'b'], 0, false],
  ['ab b', ['ab', 'b'], 1, true],
  ['ab  b', ['ab', 'b'], 1, false],
  ['', ['a'], 0, false],
])('%j holds %j within %i: %s', (text, pieces, maxGap, holds) => {
  expect(holdsFragment(text, { label: 'x', pieces, maxGap })).toBe(holds)
})
