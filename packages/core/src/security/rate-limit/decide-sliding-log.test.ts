import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideSlidingLog } from './decide-sliding-log.ts'

test('nobody is told to wait longer than the window, whatever fractions the clock has', () => {
  const instant = fc.integer({ min: 0, max: 1e12 }).map((nanos) => nanos / 1e6)
  fc.assert(
    fc.property(instant, (nowMs) => {
      expect(decideSlidingLog([], 1, 60_000, nowMs)).toMatchObject({ allowed: true, resetMs: 60_000 })
      expect(decideSlidingLog([nowMs], 1, 60_000, nowMs)).toMatchObject({ retryAfterMs: 60_000 })
    }),
  )
})
