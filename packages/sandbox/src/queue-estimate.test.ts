import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateRetryAfterMs, nextMeanRunMs } from './queue-estimate.ts'

describe('estimateRetryAfterMs', () => {
  it('is a whole number from 50 ms to the longest wait', () => {
    fc.assert(
      fc.property(
        fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 1, max: 3_600_000 }),
        (meanRunMs, maxConcurrent, maxQueueWaitMs) => {
          const estimateMs = estimateRetryAfterMs({ meanRunMs, maxConcurrent, maxQueueWaitMs })
          expect(Number.isInteger(estimateMs)).toBe(true)
          expect(estimateMs).toBeGreaterThanOrEqual(50)
          expect(estimateMs).toBeLessThanOrEqual(Math.max(50, maxQueueWaitMs))
        },
      ),
    )
  })

  it('shrinks with the number that run side by side', () => {
    const load = { meanRunMs: 1000, maxQueueWaitMs: 30_000 }
    expect(estimateRetryAfterMs({ ...load, maxConcurrent: 1 })).toBe(1000)
    expect(estimateRetryAfterMs({ ...load, maxConcurrent: 4 })).toBe(250)
  })
})

describe('nextMeanRunMs', () => {
  it('starts with the first and stays between the old mean and the newest', () => {
    expect(nextMeanRunMs(undefined, 7)).toBe(7)
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), (mean, runMs) => {
        const next = nextMeanRunMs(mean, runMs)
        expect(next).toBeGreaterThanOrEqual(Math.min(mean, runMs))
        expect(next).toBeLessThanOrEqual(Math.max(mean, runMs))
      }),
    )
  })
})
