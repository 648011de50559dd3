import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { RedisRateLimiter, trustProxies } from '@golden-arch/core/security'
import { describeWithService, randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openRedis } from '../../open-redis.ts'
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'
import { roleLimits } from './request-limits.ts'

describeWithService('redis', 'limits in Redis', (address) => {
  const gateways: TestGateway[] = []
  const redises: ReturnType<typeof openRedis>[] = []

  beforeAll(async () => {
    for (let index = 0; index < 2; index++) {
      const redis = openRedis(address, silentLogger)
      redises.push(redis)
      await new Promise<void>((resolve) => redis.once('ready', () => resolve()))
      gateways.push(
        await startTestGateway(
          (app) => void app.get('/tasks', { config: { permission: 'task:read' } }, () => ({})),
          {
            requestLimits: roleLimits({
              // Longer than any machine stalls: what a late answer means is no matter of this test.
              limiter: new RedisRateLimiter({ redis, commandTimeoutMs: 60_000 }),
              trustedProxies: trustProxies(0),
              callsPerMinute: { observer: 6 },
              metrics: silentMetrics,
            }),
          },
        ),
      )
    }
  })
  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop()
    for (const redis of redises) redis.disconnect()
  })

  it('are one for all processes', async () => {
    const headers = { authorization: `Bearer ${randomName('tenant').replaceAll('.', '-')}.observer.eve` }
    const calls = Array.from({ length: 20 }, (_, index) =>
      fetch(`${gateways[index % 2]?.address}/tasks`, { headers }).then(({ status }) => status),
    )
    const statuses = (await Promise.all(calls)).toSorted()
    expect(statuses).toEqual([...Array(6).fill(200), ...Array(14).fill(429)])
  })
})
