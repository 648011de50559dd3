import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CanaryPolicy } from './canary-trial.ts'
import { decideCanary } from './decide-canary.ts'
import { simulateTrials } from './testing/simulate-trials.ts'

const policy: CanaryPolicy = {
  shareMilli: 100,
  tasksWanted: 200,
  maxTasks: 5000,
  toleratedRatioMilli: 1000,
  falseAlarmMilli: 10,
}
const counts = { canaryTasks: 0, canaryFailures: 0, productionTasks: 0, productionFailures: 0 }

describe('a trial', () => {
  it('goes on while nothing is known', () => {
    expect(decideCanary(counts, policy)).toEqual({ kind: 'continue', evidence: 1 })
  })

  it('is rolled back after a handful of failures where the version in force has none', () => {
    const failed = (canaryFailures: number) =>
      decideCanary({ ...counts, canaryTasks: canaryFailures, canaryFailures, productionTasks: 50 }, policy)
        .kind
    const kinds = Array.from({ length: 7 }, (_none, index) => failed(index))
    expect(kinds).toEqual([...new Array(4).fill('continue'), ...new Array(3).fill('roll-back')])
  })

  it('is not rolled back for failures that both versions share, however many', () => {
    for (let tens = 1; tens <= 400; tens++) {
      const outage = {
        canaryTasks: tens,
        canaryFailures: tens,
        productionTasks: 9 * tens,
        productionFailures: 9 * tens,
      }
      expect(decideCanary(outage, { ...policy, tasksWanted: 1000 }).kind).toBe('continue')
    }
  })

  it('is passed with the outcomes wanted, inconclusive where all outcomes come first', () => {
    const some = { ...counts, canaryTasks: 199, productionTasks: 1800 }
    expect(decideCanary(some, policy).kind).toBe('continue')
    expect(decideCanary({ ...some, canaryTasks: 200 }, policy).kind).toBe('passed')
    expect(decideCanary({ ...some, productionTasks: 4801 }, policy).kind).toBe('inconclusive')
    expect(decideCanary({ ...some, canaryTasks: 200, canaryFailures: 200 }, policy).kind).toBe('roll-back')
  })

  it('has more evidence against it with each failure of its own, less with each beside it', () => {
    const failures = fc.nat({ max: 300 })
    const policies = fc.record({
      shareMilli: fc.integer({ min: 1, max: 999 }),
      toleratedRatioMilli: fc.integer({ min: 1000, max: 10_000 }),
    })
    fc.assert(
      fc.property(failures, failures, policies, (canaryFailures, productionFailures, more) => {
        const all = { ...policy, ...more }
        const at = (own: number, others: number): number =>
          decideCanary({ ...counts, canaryFailures: own, productionFailures: others }, all).evidence
        const now = at(canaryFailures, productionFailures)
        expect(at(canaryFailures + 1, productionFailures)).toBeGreaterThanOrEqual(now)
        expect(at(canaryFailures, productionFailures + 1)).toBeLessThanOrEqual(now)
        expect(now).toBeLessThanOrEqual(1e12)
        expect(now).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 1000 },
    )
  })

  // The generator is seeded, so the shares are the same in every run; the bound of 0.05 holds for each but by chance of 1 in 10^4.
  it.each([
    [100, 0.02],
    [100, 0.3],
    [500, 0.1],
    [10, 0.5],
  ])(
    'as good as the other is rolled back no more often than promised: share %d, failing %d',
    (shareMilli, rate) => {
      const strict = { ...policy, shareMilli, falseAlarmMilli: 50, tasksWanted: 100_000, maxTasks: 2000 }
      const { rolledBack } = simulateTrials({
        policy: strict,
        canaryRate: rate,
        productionRate: rate,
        trials: 500,
      })
      expect(rolledBack / 500).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / 500))
    },
  )

  it('that is within the tolerated ratio is rolled back no more often either', () => {
    const lax = {
      ...policy,
      toleratedRatioMilli: 2000,
      falseAlarmMilli: 50,
      tasksWanted: 100_000,
      maxTasks: 2000,
    }
    const { rolledBack } = simulateTrials({ policy: lax, canaryRate: 0.2, productionRate: 0.1, trials: 500 })
    expect(rolledBack / 500).toBeLessThan(0.09)
  })

  it('that fails much more often is rolled back', () => {
    const { rolledBack } = simulateTrials({ policy, canaryRate: 0.4, productionRate: 0.1, trials: 200 })
    expect(rolledBack).toBeGreaterThan(180)
  })
})
