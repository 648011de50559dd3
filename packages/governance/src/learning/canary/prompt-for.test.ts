import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { promptFor } from './prompt-for.ts'

const production = { name: 'production', contentSha256: 'a'.repeat(64) }
const canary = { name: 'canary', contentSha256: 'b'.repeat(64) }
const onTrial = (taskId: string, shareMilli: number, on = canary): boolean =>
  promptFor({ taskId, production, canary: on, shareMilli }) === on

/** Ids as applications make them; the same in every run. */
const KINDS: readonly (readonly [name: string, id: (index: number) => string])[] = [
  ['counted', (index) => String(index)],
  ['with a prefix', (index) => `task-${index}`],
  ['with a suffix', (index) => `${index}@example.com`],
  ['by time', (index) => new Date(1_700_000_000_000 + index * 1000).toISOString()],
  ['one letter many times', (index) => 'x'.repeat(index % 250) + index],
]

describe('the prompt of a task', () => {
  it.each(KINDS)('is on trial for the share asked for: ids %s', (_name, id) => {
    const tasks = 20_000
    for (const shareMilli of [1, 50, 100, 500, 999]) {
      let found = 0
      for (let index = 0; index < tasks; index++) if (onTrial(id(index), shareMilli)) found++
      const share = shareMilli / 1000
      const deviation = Math.sqrt(tasks * share * (1 - share))
      expect(Math.abs(found - tasks * share)).toBeLessThan(4.5 * deviation)
    }
  })

  it.each(KINDS)('is evenly spread over all thousandths: ids %s', (_name, id) => {
    const tasks = 5000
    const cells = new Array<number>(20).fill(0)
    for (let index = 0; index < tasks; index++) {
      const cell = cells.findIndex((_none, at) => at === 19 || onTrial(id(index), (at + 1) * 50))
      cells[cell] = (cells[cell] ?? 0) + 1
    }
    const expected = tasks / 20
    const chiSquared = cells.reduce((sum, one) => sum + (one - expected) ** 2 / expected, 0)
    // 19 degrees of freedom: above 55 once in 40000.
    expect(chiSquared).toBeLessThan(55)
  })

  it('stays the same for a task, and a larger share takes it from nobody', () => {
    const share = fc.integer({ min: 1, max: 999 })
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 50 }), share, share, (taskId, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        expect(onTrial(taskId, less)).toBe(onTrial(taskId, less))
        if (onTrial(taskId, less)) expect(onTrial(taskId, more)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is what it was yesterday, in every process and release', () => {
    const found = Array.from({ length: 40 }, (_none, index) => onTrial(`task-${index}`, 100))
    expect(found.flatMap((one, index) => (one ? [index] : []))).toEqual([5, 20, 29])
  })

  it('of another trial falls on other tasks', () => {
    const other = { name: 'other', contentSha256: 'c'.repeat(64) }
    let both = 0
    for (let index = 0; index < 10_000; index++) {
      if (onTrial(`t${index}`, 300) && onTrial(`t${index}`, 300, other)) both++
    }
    // Independent trials share 9 of 100 tasks: 900, with a deviation of 29.
    expect(Math.abs(both - 900)).toBeLessThan(130)
  })

  it('is the one in force where nothing is on trial', () => {
    expect(promptFor({ taskId: 't', production, canary: null, shareMilli: 999 })).toBe(production)
  })
})
