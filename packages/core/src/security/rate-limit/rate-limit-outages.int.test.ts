import { describeWithService, randomName, startRedis } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { liveThroughOutages } from './testing/outage-scenarios.ts'

describeWithService('redis', 'limits while Redis fails', () => {
  // One of our own, as it is broken.
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  test('each policy is obeyed and each call is answered while Redis is killed, frozen, restarted and flushed', async () => {
    const figures = await liveThroughOutages(redis, randomName('outage'), 300)
    expect(figures.map(({ outage }) => outage)).toEqual([
      'killed',
      'frozen',
      'restarted',
      'flushed',
      'script lost',
    ])
    for (const { calls } of figures) expect(calls).toBeGreaterThan(0)
  })
})
