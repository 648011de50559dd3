import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { FakeClock } from '../../../../time/testing/index.ts'
import { describeRateLimiterContract } from '../../testing/rate-limiter.contract.ts'
import { MemoryRateLimiter } from './memory-rate-limiter.ts'

const ONE = { name: 'one', limit: 1, windowMs: 60_000 }

describeRateLimiterContract(
  'MemoryRateLimiter',
  async () => {
    const clock = new FakeClock()
    return {
      slidingLog: new MemoryRateLimiter({ clock }),
      gcra: new MemoryRateLimiter({ clock, algorithm: 'gcra' }),
      source: 'memory',
      pass: (ms) => clock.advance(ms),
      close: async () => {},
    }
  },
  200,
)

it('beyond its bound it forgets the key that was asked for longest ago, a denial being asked for too', async () => {
  const limiter = new MemoryRateLimiter({ maxKeys: 2 })
  const isAdmitted = async (key: string): Promise<boolean> => (await limiter.consume(key, ONE)).allowed
  expect([await isAdmitted('a'), await isAdmitted('b')]).toEqual([true, true])
  expect(await isAdmitted('a')).toBe(false)
  expect(await isAdmitted('c')).toBe(true)
  expect([await isAdmitted('a'), await isAdmitted('b')]).toEqual([false, true])
})

it('goes by the time that passes, wherever the wall clock is set', async () => {
  const clock = new FakeClock()
  const limiter = new MemoryRateLimiter({ clock })
  await limiter.consume('a', ONE)
  clock.jumpWall(3_600_000)
  expect((await limiter.consume('a', ONE)).retryAfterMs).toBe(60_000)
  clock.jumpWall(-7_200_000)
  await clock.advance(60_000)
  expect((await limiter.consume('a', ONE)).allowed).toBe(true)
})

it('refuses options out of range', () => {
  expect(() => new MemoryRateLimiter({ maxKeys: 0 })).toThrow(invalidOption('maxKeys'))
  expect(() => new MemoryRateLimiter({ maxKeys: 1_000_001 })).toThrow(invalidOption('maxKeys'))
  // An algorithm of untyped configuration.
  expect(() => new MemoryRateLimiter({ algorithm: 'fixed-window' as 'gcra' })).toThrow(
    invalidOption('algorithm'),
  )
})
