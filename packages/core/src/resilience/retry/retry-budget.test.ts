import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RetryBudget } from './retry-budget.ts'

test('retries never exceed the share of the calls that succeeded and the burst', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.constantFrom('success', 'retry', 'retry after timeout'), { maxLength: 300 }),
      (share, burst, events) => {
        const budget = new RetryBudget({ share, burst })
        let successes = 0
        let retries = 0
        for (const event of events) {
          if (event === 'success') {
            budget.deposit()
            successes++
          } else if (budget.tryWithdraw(event === 'retry after timeout')) retries++
          expect(retries).toBeLessThanOrEqual(burst + share * successes)
          expect(budget.availableRetries).toBeLessThanOrEqual(burst)
          expect(budget.availableRetries).toBeGreaterThanOrEqual(0)
        }
      },
    ),
  )
})

test('a share that is no whole thousandth is rounded down', () => {
  const budget = new RetryBudget({ share: 0.0015, burst: 1 })
  expect(budget.tryWithdraw(false)).toBe(true)
  for (let success = 0; success < 600; success++) budget.deposit()
  expect(budget.tryWithdraw(false)).toBe(false)
})

test('while everything fails, retries end with the burst', () => {
  const budget = new RetryBudget({ burst: 3 })
  expect([1, 2, 3, 4, 5].map(() => budget.tryWithdraw(false))).toEqual([true, true, true, false, false])
})

test('a retry after a timeout weighs double, and takes nothing where there is not enough', () => {
  const budget = new RetryBudget({ burst: 3 })
  expect([budget.tryWithdraw(true), budget.tryWithdraw(true), budget.tryWithdraw(false)]).toEqual([
    true,
    false,
    true,
  ])
})

test.each([
  [{ share: 0 }, 'share'],
  [{ share: 1.1 }, 'share'],
  [{ share: Number.NaN }, 'share'],
  [{ burst: 0 }, 'burst'],
  [{ burst: 1.5 }, 'burst'],
])('refuses %j', (options, option) => {
  expect(() => new RetryBudget(options)).toThrow(invalidOption(option))
})
