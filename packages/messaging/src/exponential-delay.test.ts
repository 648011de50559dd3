import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exponentialDelayMs } from './exponential-delay.ts'

test('a pause doubles with each failure up to the maximum', () => {
  const delay = { initialDelayMs: 100, maxDelayMs: 1000 }
  expect([1, 2, 3, 4, 5, 6].map((failures) => exponentialDelayMs(failures, delay, 1))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ])
  expect(exponentialDelayMs(2, delay, 0)).toBe(100)
})

test('a pause is at least half of its bound and never above it, however many failures', () => {
  const number = fc.integer({ min: 1, max: 3_600_000 })
  fc.assert(
    fc.property(
      fc.nat(),
      number,
      number,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, initialDelayMs, maxDelayMs, random) => {
        const pauseMs = exponentialDelayMs(n + 1, { initialDelayMs, maxDelayMs }, random)
        expect(pauseMs).toBeLessThanOrEqual(maxDelayMs)
        expect(pauseMs).toBeGreaterThanOrEqual(Math.floor(Math.min(initialDelayMs, maxDelayMs) / 2))
      },
    ),
  )
})
