import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import type { RedisClient } from '../../../../../storage/index.ts'
import { FakeClock } from '../../../../../time/testing/index.ts'
import { resolveSignInLimits } from '../../sign-in-limits.ts'
import { RedisThrottleStore } from './redis-throttle-store.ts'

const limits = resolveSignInLimits()
const keys = { accountKey: 'ada', addressKey: 'home' }
const reservation = { reservationId: 'r', keys, knownBy: 'nothing' } as const
const UNAVAILABLE = { code: 'KEY_VALUE_UNAVAILABLE', retryable: true }

function redisThat(call: RedisClient['call'], status = 'ready'): RedisClient {
  return { status, call, connect: async () => {}, once: () => {}, removeListener: () => {} }
}

describe('RedisThrottleStore', () => {
  it('gives up a Redis that never answers, at its time limit', async () => {
    const clock = new FakeClock()
    const store = new RedisThrottleStore({ redis: redisThat(() => new Promise(() => {})), clock })
    const calls = [
      store.reserve(keys, limits),
      store.succeed(reservation, 'laptop', limits),
      store.release(reservation),
    ]
    const ends = Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(UNAVAILABLE)))
    await clock.advance(500)
    await ends
    expect(clock.pendingCount).toBe(0)
  })

  it('sends nothing on a connection that does not stand', async () => {
    const clock = new FakeClock()
    let sent = 0
    const redis = redisThat(async () => sent++, 'reconnecting')
    const call = new RedisThrottleStore({ redis, clock }).reserve(keys, limits)
    const ends = expect(call).rejects.toMatchObject(UNAVAILABLE)
    await clock.advance(500)
    await ends
    expect(sent).toBe(0)
  })

  it.each([[null], [[]], [['reserved', 'friend']], [['refused', 'mood', '1']], ['OK']])(
    'takes the answer %j for none',
    async (answer) => {
      const store = new RedisThrottleStore({ redis: redisThat(async () => answer), clock: new FakeClock() })
      await expect(store.reserve(keys, limits)).rejects.toMatchObject(UNAVAILABLE)
    },
  )

  it('refuses options out of their range', () => {
    const redis = redisThat(async () => null)
    const prefix = 'a string of 1 to 200 characters without braces'
    const bad: readonly (readonly [object, option: string, rule?: string])[] = [
      [{ keyPrefix: '{a}' }, 'keyPrefix', prefix],
      [{ keyPrefix: '' }, 'keyPrefix', prefix],
      [{ commandTimeoutMs: 0 }, 'commandTimeoutMs'],
      [{ maxKnownOrigins: 1 }, 'maxKnownOrigins'],
      [{ redis: {} }, 'redis'],
    ]
    for (const [one, option, rule] of bad)
      expect(() => new RedisThrottleStore({ redis, ...one })).toThrow(invalidOption(option, rule))
  })
})
