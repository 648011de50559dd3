import { describeWithService, randomName } from '@golden-arch/testkit'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-v5'
import { afterAll, describe, expect, it } from 'vitest'
import type { RedisClient } from '../../../../storage/index.ts'
import { mostInWindow } from '../../testing/most-in-window.ts'
import { describeRateLimiterContract } from '../../testing/rate-limiter.contract.ts'
import { SimulatedTimeRedis } from '../../testing/simulated-time-redis.ts'
import { RedisRateLimiter } from './redis-rate-limiter.ts'

const COMMAND_TIMEOUT_MS = 60_000
const LIMIT = { name: 'test', limit: 2, windowMs: 60_000 }

describeWithService('redis', 'rate limits on a server', (address) => {
  const open: [string, () => RedisClient & { quit(): Promise<unknown> }][] = [
    ['ioredis 6', () => new Redis(address, { lazyConnect: true })],
    ['ioredis 5', () => new Redis5(address, { lazyConnect: true })],
  ]

  describe.each(open)('%s', (version, connect) => {
    describeRateLimiterContract(
      `RedisRateLimiter on ${version}`,
      async () => {
        const client = connect()
        const redis = new SimulatedTimeRedis(client, randomName('clock'))
        const options = { redis, keyPrefix: `${randomName('rl')}:`, commandTimeoutMs: COMMAND_TIMEOUT_MS }
        return {
          slidingLog: new RedisRateLimiter(options),
          gcra: new RedisRateLimiter({ ...options, algorithm: 'gcra' }),
          source: 'redis',
          pass: (ms) => redis.pass(ms),
          close: async () => void (await client.quit()),
        }
      },
      12,
    )

    const client = connect()
    afterAll(() => client.quit())

    it('goes by the clock of Redis, and keeps what it wrote for little longer than the window', async () => {
      const keyPrefix = `${randomName('rl')}:`
      for (const algorithm of ['sliding-log', 'gcra'] as const) {
        const options = { redis: client, keyPrefix, commandTimeoutMs: COMMAND_TIMEOUT_MS, algorithm }
        const limiter = new RedisRateLimiter(options)
        expect(await limiter.consume('a', LIMIT)).toMatchObject({ allowed: true, remaining: 1 })
        expect(await limiter.consume('a', LIMIT)).toMatchObject({ allowed: true, remaining: 0 })
        const denied = await limiter.consume('a', LIMIT)
        expect(denied).toMatchObject({ allowed: false, remaining: 0, source: 'redis' })
        expect(denied.retryAfterMs).toBeGreaterThan(0)
        expect(denied.retryAfterMs).toBeLessThanOrEqual(60_000)
      }
      for (const key of ['a', 'a:gcra']) {
        const lifetimeMs = Number(await client.call('PTTL', `${keyPrefix}${key}`))
        expect(lifetimeMs).toBeGreaterThan(0)
        expect(lifetimeMs).toBeLessThanOrEqual(61_000)
      }
    })
  })

  describe('a clock of Redis that is set back', () => {
    const client = new Redis(address, { lazyConnect: true })
    afterAll(() => client.quit())
    const simulated = (): { redis: SimulatedTimeRedis; keyPrefix: string; commandTimeoutMs: number } => ({
      redis: new SimulatedTimeRedis(client, randomName('clock')),
      keyPrefix: `${randomName('rl')}:`,
      commandTimeoutMs: COMMAND_TIMEOUT_MS,
    })

    it('admits no more, and shuts nobody out for longer than a window', async () => {
      const { redis, ...options } = simulated()
      for (const algorithm of ['sliding-log', 'gcra'] as const) {
        const limiter = new RedisRateLimiter({ redis, ...options, algorithm })
        for (let call = 0; call < 2; call++) await limiter.consume('a', LIMIT)
        await redis.pass(20_000)
        await redis.jump(-3_600_000)
        const denied = await limiter.consume('a', LIMIT)
        expect(denied.allowed).toBe(false)
        expect(denied.retryAfterMs).toBeLessThanOrEqual(60_000)
        expect(Number(await client.call('PTTL', `${options.keyPrefix}a`))).toBeGreaterThan(0)
        await redis.pass(60_000)
        expect((await limiter.consume('a', LIMIT)).allowed).toBe(true)
      }
    })

    it('never lets a window that truly passes hold more than the limit, however often it is set back', async () => {
      const steps = fc.array(
        fc.record({
          ms: fc.oneof(fc.constant(0), fc.nat({ max: 30_000 }), fc.constantFrom(59_999, 60_000)),
          back: fc.oneof(
            { arbitrary: fc.constant(0), weight: 4 },
            { arbitrary: fc.nat({ max: 200_000 }), weight: 1 },
          ),
        }),
        { minLength: 1, maxLength: 60 },
      )
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (limit, schedule) => {
          const { redis, ...options } = simulated()
          const limiter = new RedisRateLimiter({ redis, ...options })
          for (const { ms, back } of schedule) {
            if (ms > 0) await redis.pass(ms)
            if (back > 0) await redis.jump(-back)
            await limiter.consume('a', { ...LIMIT, limit })
          }
          const admitted = redis.decisions.filter(({ allowed }) => allowed).map(({ atMicros }) => atMicros)
          expect(mostInWindow(admitted, 60_000_000)).toBeLessThanOrEqual(limit)
        }),
        { numRuns: 30 },
      )
    })
  })
})
