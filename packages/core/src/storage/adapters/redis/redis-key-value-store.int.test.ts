import { describeWithService, randomName } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-v5'
import { afterAll, describe, expect, it } from 'vitest'
import { sleep } from '../../../time/index.ts'
import { describeKeyValueStoreContract } from '../../testing/key-value-store.contract.ts'
import type { RedisClient } from './redis-client.ts'
import { RedisKeyValueStore } from './redis-key-value-store.ts'

describeWithService('redis', 'Redis on a server', (address) => {
  const open: [string, (lazyConnect: boolean) => RedisClient & { quit(): Promise<unknown> }][] = [
    ['ioredis 6', (lazyConnect) => new Redis(address, { lazyConnect })],
    ['ioredis 5', (lazyConnect) => new Redis5(address, { lazyConnect })],
  ]

  describe.each(open)('%s', (version, connect) => {
    describeKeyValueStoreContract(`RedisKeyValueStore on ${version}`, async () => {
      const client = connect(false)
      const store = new RedisKeyValueStore({
        redis: client,
        keyPrefix: `${randomName('kv')}:`,
        commandTimeoutMs: 10_000,
      })
      // Redis keeps its own time, so that this suite has to wait for it.
      return { store, pass: (ms) => sleep(ms), close: async () => void (await client.quit()) }
    })

    const lazy = connect(true)
    afterAll(() => lazy.quit())

    it('opens a lazy client on first use, and keeps to its prefix', async () => {
      const [prefix, key] = [`${randomName('kv')}:`, 'k']
      const store = new RedisKeyValueStore({ redis: lazy, keyPrefix: prefix, commandTimeoutMs: 10_000 })
      await store.set(key, 'v')
      expect(await lazy.call('GET', `${prefix}${key}`)).toBe('v')
      await store.delete(key)
    })

    it('an error that Redis answers with is typed, and the next call works', async () => {
      const [prefix, key] = [`${randomName('kv')}:`, 'list']
      const store = new RedisKeyValueStore({ redis: lazy, keyPrefix: prefix, commandTimeoutMs: 10_000 })
      await lazy.call('RPUSH', `${prefix}${key}`, '1')
      await expect(store.get(key)).rejects.toMatchObject({ code: 'KEY_VALUE_UNAVAILABLE', retryable: true })
      expect(await store.delete(key)).toBe(1)
    })
  })
})
