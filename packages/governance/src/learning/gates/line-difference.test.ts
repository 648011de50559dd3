import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { lineDifference } from './line-difference.ts'

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '', 'd d'), { maxLength: 14 })
  .map((lines) => lines.join('\n'))
const linesOf = (value: string): number => (value === '' ? 0 : value.split('\n').length)

/** The longest common run of lines, by the table that every textbook has. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const one of a) {
    const next = [0]
    b.forEach((other, index) => {
      next.push(one === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0))
    })
    row = next
  }
  return row.at(-1) ?? 0
}

describe('two texts side by side', () => {
  it('show what stayed, what changed, what went and what came, with their numbers', () => {
    const { rows, addedLines, removedLines, isSmallest } = lineDifference('a\nb\nc\nd', 'a\nB\nc\nd\ne')
    expect(
      rows.map(({ kind, earlier, later }) => [kind, earlier?.line, earlier?.text, later?.line, later?.text]),
    ).toEqual([
      ['same', 1, 'a', 1, 'a'],
      ['changed', 2, 'b', 2, 'B'],
      ['same', 3, 'c', 3, 'c'],
      ['same', 4, 'd', 4, 'd'],
      ['added', undefined, undefined, 5, 'e'],
    ])
    expect({ addedLines, removedLines, isSmallest }).toEqual({
      addedLines: 2,
      removedLines: 1,
      isSmallest: true,
    })
  })

  it('of which one is empty are all added or all removed', () => {
    expect(lineDifference('', 'a\nb').rows.map(({ kind }) => kind)).toEqual(['added', 'added'])
    expect(lineDifference('a', '').rows.map(({ kind }) => kind)).toEqual(['removed'])
    expect(lineDifference('', '').rows).toEqual([])
  })

  it('that differ too much are one change between their common beginning and end', () => {
    const { rows, isSmallest } = lineDifference('top\na\nx\nb\nend', 'top\nc\nx\nd\nend', 2)
    expect(isSmallest).toBe(false)
    expect(rows.map(({ kind }) => kind)).toEqual(['same', 'changed', 'changed', 'changed', 'same'])
  })
})

test('both texts can be read again from the rows, every line once and in order', () => {
  fc.assert(
    fc.property(text, text, fc.integer({ min: 0, max: 30 }), (earlier, later, maxEdits) => {
      const { rows } = lineDifference(earlier, later, maxEdits)
      for (const [side, whole] of [
        ['earlier', earlier],
        ['later', later],
      ] as const) {
        const lines = rows.flatMap((row) => row[side] ?? [])
        expect(lines.map((one) => one.text).join('\n')).toBe(whole)
        expect(lines.map((one) => one.line)).toEqual(lines.map((_, index) => index + 1))
      }
      for (const { kind, earlier: one, later: other } of rows) {
        if (kind === 'same') expect(one?.text).toBe(other?.text)
        expect([one !== null, other !== null]).toEqual([kind !== 'added', kind !== 'removed'])
      }
    }),
  )
})

test('no smaller difference is possible where it says so', () => {
  fc.assert(
    fc.property(text, text, (earlier, later) => {
      const { addedLines, removedLines, isSmallest } = lineDifference(earlier, later)
      const common = longestCommon(
        earlier === '' ? [] : earlier.split('\n'),
        later === '' ? [] : later.split('\n'),
      )
      expect(isSmallest).toBe(true)
      expect([addedLines, removedLines]).toEqual([linesOf(later) - common, linesOf(earlier) - common])
    }),
  )
})
