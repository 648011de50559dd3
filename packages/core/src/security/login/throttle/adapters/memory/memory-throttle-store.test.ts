import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../../time/testing/index.ts'
import { describeThrottleStoreContract } from '../../../testing/throttle-store.contract.ts'
import { resolveSignInLimits } from '../../sign-in-limits.ts'
import { MemoryThrottleStore } from './memory-throttle-store.ts'

describeThrottleStoreContract('MemoryThrottleStore', async () => {
  const clock = new FakeClock()
  return { store: new MemoryThrottleStore({ clock }), pass: (ms) => clock.advance(ms), close: async () => {} }
})

describe('MemoryThrottleStore', () => {
  const limits = resolveSignInLimits()

  it('forgets those tried longest ago where there are too many', async () => {
    const store = new MemoryThrottleStore({ maxKeys: 100, clock: new FakeClock() })
    const victim = { accountKey: 'ada', addressKey: 'home' }
    for (let failure = 0; failure < 5; failure++) await store.reserve(victim, limits)
    const flood = async (from: number): Promise<void> => {
      for (let bot = from; bot < from + 30; bot++)
        await store.reserve({ accountKey: `user-${bot}`, addressKey: `net-${bot}` }, limits)
    }
    await flood(0)
    expect(await store.reserve(victim, limits)).toMatchObject({ cause: 'origin-delay' })
    await flood(30)
    expect(await store.reserve(victim, limits)).toMatchObject({ outcome: 'reserved' })
  })

  it('keeps those that are still being tried', async () => {
    const store = new MemoryThrottleStore({ maxKeys: 100, clock: new FakeClock() })
    const victim = { accountKey: 'ada', addressKey: 'home' }
    for (let failure = 0; failure < 5; failure++) {
      expect(await store.reserve(victim, limits)).toMatchObject({ outcome: 'reserved' })
      for (let bot = 0; bot < 25; bot++) {
        const name = `${failure}-${bot}`
        await store.reserve({ accountKey: `user-${name}`, addressKey: `net-${name}` }, limits)
      }
    }
    expect(await store.reserve(victim, limits)).toMatchObject({ cause: 'origin-delay' })
  })

  it('counts durations, not the clock on the wall', async () => {
    const clock = new FakeClock()
    const store = new MemoryThrottleStore({ clock })
    const keys = { accountKey: 'ada', addressKey: 'home' }
    for (let failure = 0; failure < 5; failure++) await store.reserve(keys, limits)
    clock.jumpWall(86_400_000)
    expect(await store.reserve(keys, limits)).toMatchObject({ cause: 'origin-delay', retryAfterMs: 1000 })
  })

  it('refuses a bound out of its range', () => {
    expect(() => new MemoryThrottleStore({ maxKeys: 99 })).toThrow(invalidOption('maxKeys'))
  })
})
