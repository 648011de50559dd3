import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exponentialDelayMs } from './exponential-delay.ts'

const delay = { initialDelayMs: 100, maxDelayMs: 1000 }

test('the bound of a delay doubles from the initial one up to the maximum', () => {
  expect([1, 2, 3, 4, 5, 6, 2000].map((failures) => exponentialDelayMs(failures, delay, 1))).toEqual([
    100, 200, 400, 800, 1000, 1000, 1000,
  ])
})

test('full jitter may wait for nothing, equal jitter for half, none for all of it', () => {
  const least = (jitter: 'full' | 'equal' | 'none') => exponentialDelayMs(2, { ...delay, jitter }, 0)
  expect([least('full'), least('equal'), least('none')]).toEqual([0, 100, 200])
  expect(exponentialDelayMs(2, delay, 0)).toBe(100)
})

test('a delay lies within the bounds of its jitter and never beyond the maximum, however many failures', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 3_600_000 }),
      fc.integer({ min: 0, max: 80_000_000 }),
      fc.double({ min: 1, max: 10, noNaN: true }),
      fc.constantFrom('full', 'equal', 'none'),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, initialDelayMs, above, factor, jitter, random) => {
        const maxDelayMs = initialDelayMs + above
        const given = { initialDelayMs, maxDelayMs, factor, jitter }
        const delayMs = exponentialDelayMs(failures, given, random)
        const boundMs = exponentialDelayMs(failures, { ...given, jitter: 'none' }, 0)
        expect(Number.isSafeInteger(delayMs)).toBe(true)
        expect(delayMs).toBeLessThanOrEqual(boundMs)
        expect(boundMs).toBeLessThanOrEqual(maxDelayMs)
        expect(delayMs).toBeGreaterThanOrEqual(jitter === 'full' ? 0 : Math.floor(boundMs / 2))
        expect(exponentialDelayMs(failures + 1, { ...given, jitter: 'none' }, 0)).toBeGreaterThanOrEqual(
          boundMs,
        )
      },
    ),
  )
})
