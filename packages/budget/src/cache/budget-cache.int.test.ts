import { RedisKeyValueStore } from '@golden-arch/core/storage'
import { describeWithService, randomName, startRedis } from '@golden-arch/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'

describeWithService('redis', 'the cache in Redis', () => {
  let opened: TestDatabase
  // One of our own: to stop a server that others use would stop them too.
  let redis: Awaited<ReturnType<typeof startRedis>>
  let client: Redis
  beforeAll(async () => {
    ;[opened, redis] = await Promise.all([openPglite(), startRedis()])
    client = new Redis(redis.address, { retryStrategy: () => 100 })
    client.on('error', () => {})
  })
  afterAll(async () => {
    client.disconnect()
    await Promise.all([opened.close(), redis.stop()])
  })

  test('a Redis that falls silent, is flushed or is stopped changes no answer and holds nobody up', async () => {
    const cache = new RedisKeyValueStore({ redis: client })
    const controller = (cacheTimeoutMs: number) =>
      new BudgetController({ database: opened.database, cache, cacheTimeoutMs })
    let budgets = controller(10_000)
    await cache.get('a first command opens the connection')
    const tenantId = randomName('tenant')
    const scope = { tenantId, projectId: 'p' }
    await budgets.setLimit({ scope, limitTokens: 100, actor: { id: 'alice', kind: 'human' } })
    let usedTokens = 0
    const round = async (requestId: string): Promise<void> => {
      const request = { ...scope, requestId, tokens: 10 }
      expect(await budgets.requestTokens(request)).toMatchObject({ status: 'granted', isReplay: false })
      await budgets.commit({ tenantId, requestId, usage: { totalTokens: 7 } })
      usedTokens += 7
      for (const _again of [1, 2]) {
        const replay = { isReplay: true, reservation: { status: 'committed', usedTokens: 7 } }
        expect(await budgets.requestTokens(request)).toMatchObject(replay)
      }
      await budgets.setLimit({ scope, limitTokens: 100 + usedTokens, actor: { id: 'alice', kind: 'human' } })
      const other = new BudgetController({ database: opened.database })
      expect((await other.state(scope)).usedTokens).toBe(usedTokens)
    }
    await round('well')
    expect(await client.exists(`budget:req:${tenantId}::well`)).toBe(1)
    await client.flushall()
    await round('flushed')
    budgets = controller(20)
    await client.call('CLIENT', 'PAUSE', '600000', 'ALL')
    await round('silent')
    await redis.stop()
    await round('stopped')
    expect(await budgets.verify({ tenantId })).toMatchObject({ isConsistent: true })
  })
})
