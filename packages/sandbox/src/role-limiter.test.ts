import { FakeClock } from '@golden-arch/core/time/testing'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideRate } from './rate-allowance.ts'
import { RoleLimiter, requireRoleRateLimits } from './role-limiter.ts'

const limitArbitrary = fc.record({
  perMinute: fc.integer({ min: 1, max: 600_000 }),
  burst: fc.integer({ min: 1, max: 50 }),
})

/** Milliseconds for one time a minute, from close together to a long rest. */
const pauseArbitrary = fc.oneof(
  fc.double({ min: 0, max: 30_000, noNaN: true }),
  fc.double({ min: 0, max: 6_000_000, noNaN: true }),
)

describe('decideRate', () => {
  it('allows within any time the burst and what that time earns, and never more', () => {
    fc.assert(
      fc.property(
        limitArbitrary,
        fc.array(pauseArbitrary, { minLength: 1, maxLength: 120 }),
        (limit, pauses) => {
          const allowedAtMs: number[] = []
          let nowMs = 1e9
          let restedAtMs = nowMs
          for (const pause of pauses) {
            nowMs += pause / limit.perMinute
            const decision = decideRate(restedAtMs, limit, nowMs)
            if (decision.retryAfterMs === 0) allowedAtMs.push(nowMs)
            restedAtMs = decision.restedAtMs
          }
          for (const [from, fromMs] of allowedAtMs.entries()) {
            for (const [offset, toMs] of allowedAtMs.slice(from).entries()) {
              const earned = ((toMs - fromMs) * limit.perMinute) / 60_000
              expect(offset + 1).toBeLessThanOrEqual(limit.burst + Math.floor(earned + 0.1))
            }
          }
        },
      ),
    )
  })

  it('allows it after the time that it names, and not a millisecond sooner', () => {
    fc.assert(
      fc.property(limitArbitrary, fc.nat({ max: 1e9 }), (limit, startMs) => {
        let restedAtMs = startMs
        let refused = decideRate(restedAtMs, limit, startMs)
        for (let count = 0; refused.retryAfterMs === 0; count++) {
          expect(count).toBeLessThan(limit.burst)
          restedAtMs = refused.restedAtMs
          refused = decideRate(restedAtMs, limit, startMs)
        }
        expect(refused.restedAtMs).toBe(restedAtMs)
        expect(decideRate(restedAtMs, limit, startMs + refused.retryAfterMs).retryAfterMs).toBe(0)
        const sooner = decideRate(restedAtMs, limit, startMs + refused.retryAfterMs - 1.1)
        expect(sooner.retryAfterMs).toBeGreaterThan(0)
      }),
    )
  })
})

describe('RoleLimiter', () => {
  const limits = { tester: { perMinute: 60, burst: 2 } }

  it('refuses what comes too soon, says when to come again, and lets it in then', async () => {
    const clock = new FakeClock()
    const limiter = new RoleLimiter(limits, clock)
    const take = (): void => limiter.take('t', 'tester')
    take()
    take()
    await clock.advance(300)
    for (let index = 0; index < 2; index++) {
      expect(take).toThrowError(
        expect.objectContaining({ code: 'SANDBOX_RATE_LIMITED', retryable: true, retryAfterMs: 700 }),
      )
    }
    await clock.advance(700)
    take()
    expect(take).toThrowError(expect.objectContaining({ retryAfterMs: 1000 }))
  })

  it('lets in no more than the burst at once, however long the rest before it', async () => {
    const clock = new FakeClock()
    const limiter = new RoleLimiter(limits, clock)
    const take = (): void => limiter.take('t', 'tester')
    take()
    await clock.advance(3_600_000)
    take()
    take()
    expect(take).toThrowError(expect.objectContaining({ retryAfterMs: 1000 }))
  })

  it('keeps tenants and roles apart, and does not limit a role that has no limit', () => {
    const limiter = new RoleLimiter({ ...limits, reviewer: { perMinute: 1, burst: 1 } }, new FakeClock())
    limiter.take('a', 'reviewer')
    limiter.take('b', 'reviewer')
    limiter.take('a', 'tester')
    for (let index = 0; index < 100; index++) {
      limiter.take('a', 'developer')
      limiter.take('a', 'toString')
      limiter.take('a', undefined)
    }
    expect(() => limiter.take('a', 'reviewer')).toThrow()
  })

  it('forgets tenants that have rested', async () => {
    const clock = new FakeClock()
    const limiter = new RoleLimiter(limits, clock)
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 500; index++) limiter.take(`${round}-${index}`, 'tester')
      await clock.advance(5000)
    }
    expect(limiter.size).toBeLessThanOrEqual(1024)
  })

  it('refuses bad limits by name', () => {
    for (const [bad, option] of [
      [{ '': { perMinute: 1, burst: 1 } }, 'rateLimits'],
      [{ 'a b': { perMinute: 1, burst: 1 } }, 'rateLimits'],
      [{ tester: { perMinute: 0, burst: 1 } }, 'rateLimits.tester.perMinute'],
      [{ tester: { perMinute: 1, burst: 1.5 } }, 'rateLimits.tester.burst'],
    ] as const) {
      expect(() => requireRoleRateLimits(bad)).toThrowError(invalidOption(option))
    }
  })
})
