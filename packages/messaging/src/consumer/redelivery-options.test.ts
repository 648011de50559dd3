import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveRedeliveryOptions, retryDelayMs } from './redelivery-options.ts'

test('the bound of a pause doubles with each failure up to the maximum, and a pause is any part of it', () => {
  const policy = resolveRedeliveryOptions({ initialDelayMs: 100, maxDelayMs: 1000 })
  expect([1, 2, 3, 4, 5, 6].map((failures) => retryDelayMs(failures, policy, 1))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ])
  expect(retryDelayMs(3, policy, 0)).toBe(0)
  expect(retryDelayMs(3, policy, 0.5)).toBe(200)
})

test('a pause is never above its maximum, never negative, and grows with its random number', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 3_600_000 }),
      random,
      random,
      (failures, delayMs, one, two) => {
        const policy = resolveRedeliveryOptions({ initialDelayMs: delayMs, maxDelayMs: 86_400_000 })
        const [less, more] = [Math.min(one, two), Math.max(one, two)].map((spread) =>
          retryDelayMs(failures, policy, spread),
        )
        expect(less).toBeGreaterThanOrEqual(0)
        expect(more).toBeLessThanOrEqual(86_400_000)
        expect(less).toBeLessThanOrEqual(more ?? 0)
      },
    ),
  )
})

test('a policy out of its bounds is refused', () => {
  for (const bad of [
    { maxAttempts: 0 },
    { initialDelayMs: 0 },
    { initialDelayMs: 9, maxDelayMs: 8 },
    { maxDelayMs: 1.5 },
  ]) {
    expect(() => resolveRedeliveryOptions(bad)).toThrow('must be')
  }
})
