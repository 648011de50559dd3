import { randomUUID } from 'node:crypto'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decideGcra } from '../decide-gcra.ts'
import { decideSlidingLog } from '../decide-sliding-log.ts'
import type { RateLimit } from '../rate-limit.ts'
import type { RateLimitDecision, RateLimiter, RateLimitSource } from '../rate-limiter.ts'
import { mostInWindow } from './most-in-window.ts'

/** A limiter under test, which goes by a clock that the test moves. */
export interface RateLimiterUnderTest {
  readonly slidingLog: RateLimiter
  readonly gcra: RateLimiter
  readonly source: RateLimitSource
  /** Lets exactly `ms` milliseconds pass. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

const MINUTE_MS = 60_000

function limitOf(limit: number, windowMs = MINUTE_MS): RateLimit {
  return { name: 'test', limit, windowMs }
}

/** Registers the tests that every {@link RateLimiter} must pass. `open` is called once; keys are random. */
export function describeRateLimiterContract(
  title: string,
  open: () => Promise<RateLimiterUnderTest>,
  numRuns: number,
): void {
  describe(`${title} as RateLimiter`, () => {
    let opened: RateLimiterUnderTest | undefined
    const subject = (): RateLimiterUnderTest => {
      if (opened === undefined) throw new Error('the limiter has not been opened')
      return opened
    }
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })

    it('admits as many calls as the limit says and no more until the first leaves the window', async () => {
      const { slidingLog, pass, source } = subject()
      const [key, limit] = [randomUUID(), limitOf(3)]
      const told = async (): Promise<RateLimitDecision> => await slidingLog.consume(key, limit)
      const facts = { limit: 3, source }
      const admitted = { ...facts, allowed: true, retryAfterMs: 0 }
      const denied = { ...facts, allowed: false, remaining: 0 }
      expect(await told()).toEqual({ ...admitted, remaining: 2, resetMs: 60_000 })
      await pass(10_000)
      expect(await told()).toEqual({ ...admitted, remaining: 1, resetMs: 50_000 })
      expect(await told()).toEqual({ ...admitted, remaining: 0, resetMs: 50_000 })
      expect(await told()).toEqual({ ...denied, resetMs: 50_000, retryAfterMs: 50_000 })
      await pass(49_999)
      expect(await told()).toEqual({ ...denied, resetMs: 1, retryAfterMs: 1 })
      await pass(1)
      expect(await told()).toEqual({ ...admitted, remaining: 0, resetMs: 10_000 })
      expect(await told()).toEqual({ ...denied, resetMs: 10_000, retryAfterMs: 10_000 })
    })

    it('does not count a call that it denies', async () => {
      const { slidingLog, pass } = subject()
      const [key, limit] = [randomUUID(), limitOf(1)]
      await slidingLog.consume(key, limit)
      for (let second = 1; second < 60; second++) {
        await pass(1000)
        expect((await slidingLog.consume(key, limit)).allowed).toBe(false)
      }
      await pass(1000)
      expect((await slidingLog.consume(key, limit)).allowed).toBe(true)
    })

    it('admits exactly the limit of calls that come at once', async () => {
      const { slidingLog, gcra } = subject()
      for (const limiter of [slidingLog, gcra]) {
        const key = randomUUID()
        const calls = Array.from({ length: 50 }, () => limiter.consume(key, limitOf(10)))
        expect((await Promise.all(calls)).filter(({ allowed }) => allowed)).toHaveLength(10)
      }
    })

    it('counts each key by itself', async () => {
      const { slidingLog, gcra } = subject()
      for (const limiter of [slidingLog, gcra]) {
        const [one, other] = [randomUUID(), randomUUID()]
        expect((await limiter.consume(one, limitOf(1))).allowed).toBe(true)
        expect((await limiter.consume(other, limitOf(1))).allowed).toBe(true)
        expect((await limiter.consume(one, limitOf(1))).allowed).toBe(false)
      }
    })

    it('holds a limit that was lowered at once, and a raised one too', async () => {
      const { slidingLog, pass } = subject()
      const key = randomUUID()
      for (let call = 0; call < 4; call++) {
        await slidingLog.consume(key, limitOf(4))
        await pass(1000)
      }
      // Three calls leave after 57 s, 58 s and 59 s; then one is left.
      expect(await slidingLog.consume(key, limitOf(2))).toMatchObject({
        allowed: false,
        retryAfterMs: 58_000,
      })
      expect(await slidingLog.consume(key, limitOf(6))).toMatchObject({ allowed: true, remaining: 1 })
      await pass(58_000)
      expect(await slidingLog.consume(key, limitOf(2))).toMatchObject({ allowed: false, retryAfterMs: 1000 })
      await pass(1000)
      expect(await slidingLog.consume(key, limitOf(2))).toMatchObject({ allowed: true, remaining: 0 })
    })

    it('gcra admits the limit at once after a pause, then a call at each interval', async () => {
      const { gcra, pass, source } = subject()
      const [key, limit] = [randomUUID(), limitOf(6)]
      const facts = { limit: 6, source }
      for (let call = 0; call < 6; call++) {
        const remaining = 5 - call
        expect(await gcra.consume(key, limit)).toEqual({
          ...{ ...facts, allowed: true, remaining, resetMs: 10_000, retryAfterMs: 0 },
        })
      }
      const denied = { ...facts, allowed: false, remaining: 0 }
      expect(await gcra.consume(key, limit)).toEqual({ ...denied, resetMs: 10_000, retryAfterMs: 10_000 })
      await pass(9999)
      expect(await gcra.consume(key, limit)).toEqual({ ...denied, resetMs: 1, retryAfterMs: 1 })
      await pass(1)
      expect((await gcra.consume(key, limit)).allowed).toBe(true)
      expect((await gcra.consume(key, limit)).allowed).toBe(false)
      await pass(MINUTE_MS)
      expect((await gcra.consume(key, limit)).remaining).toBe(5)
    })

    it('refuses keys and limits out of range', async () => {
      const { slidingLog, gcra } = subject()
      // As data that was not checked may bring it.
      const noLimit = undefined as unknown as RateLimit
      for (const limiter of [slidingLog, gcra]) {
        await expect(limiter.consume('', limitOf(1))).rejects.toEqual(invalidOption('key'))
        await expect(limiter.consume('x'.repeat(4097), limitOf(1))).rejects.toEqual(invalidOption('key'))
        for (const limit of [0, -1, 1.5, Number.NaN, 100_001]) {
          await expect(limiter.consume('key', limitOf(limit))).rejects.toEqual(invalidOption('limit'))
        }
        for (const windowMs of [0, -1, 0.5, Number.POSITIVE_INFINITY, 86_400_001]) {
          await expect(limiter.consume('key', limitOf(1, windowMs))).rejects.toEqual(
            invalidOption('windowMs'),
          )
        }
        await expect(limiter.consume('key', { ...limitOf(1), name: '' })).rejects.toEqual(
          invalidOption('name'),
        )
        await expect(limiter.consume('key', noLimit)).rejects.toEqual(invalidOption('limit', 'a rate limit'))
      }
    })

    // Limits that divide the window: what is left of a division may round either way.
    const limits = fc.constantFrom(1, 2, 3, 5, 10)
    const waits = fc.oneof(
      fc.constant(0),
      fc.nat({ max: 100 }),
      fc.nat({ max: 20_000 }),
      fc.constantFrom(59_999, 60_000),
    )
    const schedules = fc.array(waits, { minLength: 1, maxLength: 40 })

    it('decides on any schedule as the sliding log does, and never admits more than the limit in a window', async () => {
      const { slidingLog, pass, source } = subject()
      await fc.assert(
        fc.asyncProperty(limits, schedules, async (limit, schedule) => {
          const key = randomUUID()
          const admitted: number[] = []
          let nowMs = 0
          for (const wait of schedule) {
            if (wait > 0) await pass(wait)
            nowMs += wait
            const { expiredCount: _, ...verdict } = decideSlidingLog(admitted, limit, MINUTE_MS, nowMs)
            expect(await slidingLog.consume(key, limitOf(limit))).toEqual({ ...verdict, limit, source })
            if (verdict.allowed) admitted.push(nowMs)
          }
          expect(mostInWindow(admitted, MINUTE_MS)).toBeLessThanOrEqual(limit)
        }),
        { numRuns },
      )
    })

    it('decides on any schedule as the generic cell rate algorithm does', async () => {
      const { gcra, pass, source } = subject()
      await fc.assert(
        fc.asyncProperty(limits, schedules, async (limit, schedule) => {
          const key = randomUUID()
          let [nowMs, arrivalMs]: [number, number | undefined] = [0, undefined]
          for (const wait of schedule) {
            if (wait > 0) await pass(wait)
            nowMs += wait
            const { arrivalMs: next, ...verdict } = decideGcra(arrivalMs, limit, MINUTE_MS, nowMs)
            expect(await gcra.consume(key, limitOf(limit))).toEqual({ ...verdict, limit, source })
            arrivalMs = next
          }
        }),
        { numRuns },
      )
    })
  })
}
