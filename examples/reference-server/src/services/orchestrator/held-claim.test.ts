import { silentLogger } from '@golden-arch/core/observability'
import type { TaskClaims } from '@golden-arch/core/tasks'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { type HeldClaim, holdClaim } from './held-claim.ts'

const CLAIM = { tenantId: 'acme', taskId: 't', leaseId: 'l', failedRuns: 0 }

/** Claims whose renewals a test answers, and a clock that it moves. */
function held(renew: () => Promise<boolean>): { clock: FakeClock; claim: HeldClaim } {
  const clock = new FakeClock()
  // Only renew and leaseMs are asked of it; the class has private fields, so no plain object has its type.
  const claims = { leaseMs: 60_000, renew } as unknown as TaskClaims
  return { clock, claim: holdClaim(claims, CLAIM, silentLogger, clock) }
}

describe('a held claim', () => {
  it('stays as long as its renewals succeed', async () => {
    const { clock, claim } = held(async () => true)
    for (let minute = 0; minute < 10; minute++) await advance(clock, 60_000)
    expect(claim.lost.aborted).toBe(false)
    claim.stop()
  })

  it('is lost at once when the database says so', async () => {
    const { clock, claim } = held(async () => false)
    await advance(clock, 15_000)
    expect(claim.lost.aborted).toBe(true)
    claim.stop()
  })

  it('outlives a database that is away for less than the lease', async () => {
    let isAway = true
    const { clock, claim } = held(async () => {
      if (isAway) throw new Error('away')
      return true
    })
    await advance(clock, 40_000)
    isAway = false
    await advance(clock, 50_000)
    expect(claim.lost.aborted).toBe(false)
    claim.stop()
  })

  it.each([
    ['fails', () => Promise.reject(new Error('away'))],
    ['never answers', () => new Promise<boolean>(() => undefined)],
  ])('is lost after the time of the lease where every renewal %s', async (_, renew) => {
    const { clock, claim } = held(renew)
    await advance(clock, 59_000)
    expect(claim.lost.aborted).toBe(false)
    await advance(clock, 1000)
    expect(claim.lost.aborted).toBe(true)
    claim.stop()
  })

  it('is not renewed once it is stopped', async () => {
    let renewals = 0
    const { clock, claim } = held(async () => {
      renewals++
      return true
    })
    claim.stop()
    await advance(clock, 120_000)
    expect([renewals, claim.lost.aborted]).toEqual([0, false])
  })
})

/** Moves the clock a second at a time, and lets what was woken run. */
async function advance(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    await clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
