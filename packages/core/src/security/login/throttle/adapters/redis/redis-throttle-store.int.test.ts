import { describeWithService, randomName } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-v5'
import { afterAll, describe, expect, it } from 'vitest'
import { describeThrottleStoreContract } from '../../../testing/throttle-store.contract.ts'
import { resolveSignInLimits } from '../../sign-in-limits.ts'
import { RedisThrottleStore } from './redis-throttle-store.ts'

const limits = resolveSignInLimits()
const keys = { accountKey: 'ada', addressKey: 'home' }
const commandTimeoutMs = 60_000

describeWithService('redis', 'Redis on a server', (address) => {
  describe.each([
    ['ioredis 6', () => new Redis(address)],
    ['ioredis 5', () => new Redis5(address)],
  ] as const)('%s', (version, connect) => {
    const redis = connect()
    afterAll(() => redis.disconnect())

    describeThrottleStoreContract(`RedisThrottleStore on ${version}`, async () => {
      let nowMs = 1_800_000_000_000
      const keyPrefix = randomName('sign-in')
      const store = new RedisThrottleStore({ redis, keyPrefix, commandTimeoutMs, nowMs: () => nowMs })
      return {
        store,
        pass: async (ms) => {
          nowMs += ms
        },
        close: async () => {},
      }
    })

    it('counts by the time of Redis, over all stores with one prefix, and keeps no key for ever', async () => {
      const keyPrefix = randomName('sign-in')
      const stores = [1, 2].map(() => new RedisThrottleStore({ redis, keyPrefix, commandTimeoutMs }))
      const day = resolveSignInLimits({ firstDelayMs: 86_400_000, maxDelayMs: 86_400_000 })
      const answers = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => stores[index % 2]?.reserve(keys, day)),
      )
      expect(answers.filter((one) => one?.outcome === 'reserved')).toHaveLength(5)
      const [first] = answers
      if (first?.outcome !== 'reserved') throw new Error('the first try was refused')
      await stores[1]?.reserve({ ...keys, addressKey: 'other' }, day)
      await stores[0]?.succeed(first.reservation, 'laptop', day)
      const names = (await redis.call('KEYS', `{${keyPrefix}}:*`)) as string[]
      expect(names.map((name) => name.slice(keyPrefix.length + 3)).sort()).toEqual([
        'account:ada',
        'address:home',
        'address:other',
        'known:ada',
        'origin:ada:other',
      ])
      for (const name of names) expect(await redis.call('PTTL', name)).toBeGreaterThan(0)
    })

    it('works on after Redis has forgotten the scripts', async () => {
      const store = new RedisThrottleStore({ redis, keyPrefix: randomName('sign-in'), commandTimeoutMs })
      await store.reserve(keys, limits)
      await redis.call('SCRIPT', 'FLUSH')
      expect(await store.reserve(keys, limits)).toMatchObject({ outcome: 'reserved' })
    })

    it('makes nobody wait for longer where the clock of Redis was set back', async () => {
      let nowMs = 1_800_000_000_000
      const keyPrefix = randomName('sign-in')
      const store = new RedisThrottleStore({ redis, keyPrefix, commandTimeoutMs, nowMs: () => nowMs })
      for (let failure = 0; failure < 5; failure++) await store.reserve(keys, limits)
      nowMs -= 3_600_000
      expect(await store.reserve(keys, limits)).toMatchObject({ cause: 'origin-delay', retryAfterMs: 1000 })
    })

    it('keeps a bounded number of known origins, the latest', async () => {
      let nowMs = 1_800_000_000_000
      const keyPrefix = randomName('sign-in')
      const options = { redis, keyPrefix, commandTimeoutMs, maxKnownOrigins: 4, nowMs: () => nowMs }
      const store = new RedisThrottleStore(options)
      for (let move = 1; move <= 3; move++) {
        nowMs += 1
        const answer = await store.reserve({ ...keys, addressKey: `net-${move}` }, limits)
        if (answer.outcome === 'reserved') await store.succeed(answer.reservation, `device-${move}`, limits)
      }
      const knownBy = async (move: number): Promise<unknown> => {
        const answer = await store.reserve(
          { ...keys, addressKey: 'new', deviceKey: `device-${move}` },
          limits,
        )
        return answer.outcome === 'reserved' && answer.reservation.knownBy
      }
      expect([await knownBy(1), await knownBy(2), await knownBy(3)]).toEqual(['nothing', 'device', 'device'])
    })

    it('what Redis answers with an error is typed', async () => {
      const keyPrefix = randomName('sign-in')
      await redis.call('SET', `{${keyPrefix}}:account:ada`, 'no set')
      const store = new RedisThrottleStore({ redis, keyPrefix, commandTimeoutMs })
      await expect(store.reserve(keys, limits)).rejects.toMatchObject({ code: 'KEY_VALUE_UNAVAILABLE' })
    })
  })
})
