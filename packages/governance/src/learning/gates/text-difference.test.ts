import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textDifference } from './text-difference.ts'

/** The longest common subsequence by the textbook's table: the number of words that need not change. */
function commonWords(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const left of a) {
    const next = [0]
    b.forEach((right, index) => {
      next.push(left === right ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0))
    })
    row = next
  }
  return row[b.length] ?? 0
}

describe('the difference of two texts', () => {
  it('counts the characters of the words that came and went, as a share of both texts', () => {
    expect(textDifference('be strict', 'be strict')).toEqual({
      addedCharacters: 0,
      removedCharacters: 0,
      changedShareMilli: 0,
    })
    expect(textDifference('be strict and kind', 'be lax and kind')).toEqual({
      addedCharacters: 3,
      removedCharacters: 6,
      changedShareMilli: Math.ceil(9000 / 33),
    })
    expect(textDifference('äöü', '😀😀')).toEqual({
      addedCharacters: 2,
      removedCharacters: 3,
      changedShareMilli: 1000,
    })
    expect(textDifference('', '')).toMatchObject({ changedShareMilli: 0 })
  })

  it('sees a sentence that was moved, and one letter in a script without spaces by itself', () => {
    expect(textDifference('No. Ask first and wait. ', 'Ask first and wait. No. ')).toMatchObject({
      addedCharacters: 4,
      removedCharacters: 4,
    })
    expect(textDifference('規則を守る。', '規則を破る。')).toMatchObject({
      addedCharacters: 1,
      removedCharacters: 1,
    })
  })

  it('is the smallest there is, in words of one length, and turns with the order of the texts', () => {
    const words = fc.array(fc.constantFrom('.', ',', ';', '!', '?'), { maxLength: 40 })
    fc.assert(
      fc.property(words, words, (a, b) => {
        const difference = textDifference(a.join(''), b.join(''))
        const common = commonWords(a, b)
        expect(difference).toMatchObject({
          addedCharacters: b.length - common,
          removedCharacters: a.length - common,
        })
        const turned = textDifference(b.join(''), a.join(''))
        expect(turned?.addedCharacters).toBe(difference?.removedCharacters)
        expect(turned?.changedShareMilli).toBe(difference?.changedShareMilli)
      }),
      { numRuns: 500 },
    )
  })

  it('accounts for every character of any two texts', () => {
    const unit = fc.constantFrom('a', 'b', 'B', ' ', '\n', '.', '😀', '\u0301', '規', '_', '7', '\ud800')
    const text = fc.string({ unit, maxLength: 80 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const difference = textDifference(a, b)
        if (difference === undefined) throw new Error('given up')
        const { addedCharacters, removedCharacters } = difference
        expect([...a].length - removedCharacters).toBe([...b].length - addedCharacters)
        expect(addedCharacters).toBeGreaterThanOrEqual(0)
        expect(addedCharacters).toBeLessThanOrEqual([...b].length)
        expect(difference.changedShareMilli).toBeLessThanOrEqual(1000)
        expect(difference.changedShareMilli === 0).toBe(a === b)
      }),
      { numRuns: 100 },
    )
  })

  it('is given up where it takes more comparisons than the bound', () => {
    expect(textDifference('a b c d e f', 'g h i j k l', 5)).toBeUndefined()
    expect(textDifference('a b c d e f', 'a b c d e g', 5)).toMatchObject({ addedCharacters: 1 })
  })

  const million = 1_000_000
  it.each([
    ['letters that all differ', '.,'.repeat(million / 2), ';!'.repeat(million / 2)],
    ['a rhythm against another', 'ab '.repeat(300_000), 'ab  '.repeat(250_000)],
    ['one long word', 'a'.repeat(million), 'b'.repeat(million)],
    ['one letter many times', '.'.repeat(million), `${'.'.repeat(million / 2)}!${'.'.repeat(million / 2)}`],
    ['white space', ' '.repeat(million), '\n'.repeat(million)],
    ['half surrogates', '\ud800'.repeat(million), '\udc00'.repeat(million)],
    ['marks upon marks', `e${'\u0301'.repeat(million - 1)}`, `e${'\u0302'.repeat(million - 1)}`],
    ['shuffled punctuation', '.,;.!'.repeat(200_000), ';.!,.'.repeat(200_000)],
  ])('of a million characters ends, told or given up: %s', (_name, earlier, later) => {
    const difference = textDifference(earlier, later)
    if (difference !== undefined) expect(difference.changedShareMilli).toBeGreaterThan(0)
  })
})
