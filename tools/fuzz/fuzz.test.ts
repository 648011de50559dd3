import { describe, expect, it } from 'vitest'
import { BlockCoverage } from './block-coverage.ts'
import { mutateText, seededDice } from './mutate-text.ts'

function signOf(number: number): string {
  if (number < 0) return 'minus'
  return number > 0 ? 'plus' : 'none'
}

/** A function of its own for each test: V8 counts no blocks of what it compiled under a watch that has ended. */
function parityOf(number: number): string {
  return number % 2 === 0 ? 'even' : 'odd'
}

describe('the coverage of blocks', () => {
  it('grows when a block runs for the first time, and not when it runs again', () => {
    const coverage = new BlockCoverage((url) => url.includes('fuzz.test.ts'))
    const grown: boolean[] = []
    for (const number of [-1, -1, -2, 3, 0, 5]) {
      signOf(number)
      grown.push(coverage.hasGrown('remember'))
    }
    // By the second number each line of this test has run.
    expect(grown.slice(2)).toEqual([false, true, true, false])
    expect(coverage.figures().characters).toBeGreaterThan(0)
    coverage.close()
  })

  it('grows once more where what was found is to be forgotten', () => {
    const coverage = new BlockCoverage((url) => url.includes('fuzz.test.ts'))
    parityOf(1)
    expect(coverage.hasGrown('forget')).toBe(true)
    parityOf(1)
    expect(coverage.hasGrown('remember')).toBe(true)
    parityOf(1)
    expect(coverage.hasGrown('remember')).toBe(false)
    coverage.close()
  })
})

describe('a mutated text', () => {
  it('is the same for the same seed, mostly another than it was, and bounded', () => {
    const all = [1, 1, 2].map((seed) => {
      const dice = seededDice(seed)
      return Array.from({ length: 100 }, () =>
        mutateText('{"a": [1, 2]}', 'x'.repeat(9000), ['```', '"'], dice),
      )
    })
    expect(all[0]).toEqual(all[1])
    expect(all[0]).not.toEqual(all[2])
    expect(all[0]?.filter((text) => text === '{"a": [1, 2]}').length).toBeLessThan(20)
    expect(Math.max(...(all[0] ?? []).map((text) => text.length))).toBeLessThanOrEqual(4000)
  })
})
