import { describeWithService, randomName, startRedis } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RedisCircuitStore } from '../adapters/redis/redis-circuit-store.ts'
import { CircuitBreakerRegistry } from '../registry/circuit-breaker-registry.ts'
import {
  electProbes,
  LONGEST_CALL_MS,
  liveThroughOutages,
  measureTrips,
} from './testing/cluster-scenarios.ts'

describeWithService('redis', 'a cluster that shares circuits through Redis', () => {
  // One of our own: it is broken, and its commands are counted.
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  test('of 40 contenders in 4 processes exactly one probes a circuit', async () => {
    expect(await electProbes(redis.address, randomName('circuit'), 8)).toBe(8)
  }, 120_000)

  test('a trip in one process opens the others', async () => {
    const delays = await measureTrips(redis.address, randomName('circuit'), 8)
    expect(delays).toHaveLength(24)
    expect(delays.at(-1)).toBeLessThan(5000)
  }, 120_000)

  test('no call fails or waits while Redis is killed, frozen and flushed, and the processes agree after it', async () => {
    const figures = await liveThroughOutages(redis, randomName('circuit'))
    expect(figures.calls).toBeGreaterThan(1000)
    expect(figures.worstMs).toBeLessThan(LONGEST_CALL_MS)
  }, 120_000)

  test('closed circuits send no command', async () => {
    const client = new Redis(redis.address)
    const counted = async (): Promise<string> =>
      (await client.info('commandstats')).replace(/cmdstat_info:.*\r\n/, '')
    const shared = new RedisCircuitStore({ redis: client, keyPrefix: randomName('circuit') })
    const registry = new CircuitBreakerRegistry({ shared })
    await registry.start()
    const before = await counted()
    for (let call = 0; call < 1000; call++) {
      const breaker = registry.get(`model-${call % 10}`)
      const isFailing = call % 7 === 0
      const made = breaker.execute(() => (isFailing ? Promise.reject(new Error('now and then')) : 'ok'))
      await made.catch(() => undefined)
    }
    expect(await counted()).toBe(before)
    await registry.close()
    client.disconnect()
  })
})
