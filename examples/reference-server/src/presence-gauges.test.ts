import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { expect, it } from 'vitest'
import { Health } from './health.ts'
import { keepPresenceGauges } from './presence-gauges.ts'

it('who watches is told which roles a process has and which servers do not answer it, not what is embedded', async () => {
  const metrics = new RecordingMetrics()
  const stopping = new AbortController()
  const health = new Health({
    database: () => Promise.reject(new Error('away')),
    redis: () => Promise.resolve(),
  })
  const roles = ['orchestrator', 'peer-hub'] as const
  const kept = keepPresenceGauges({ health, roles, metrics, logger: new RecordingLogger() }, stopping.signal)
  await expect.poll(() => metrics.gaugeValue('component_up', { component: 'redis' })).toBe(1)
  stopping.abort()
  await kept
  expect(metrics.gaugeValue('component_up', { component: 'database' })).toBe(0)
  expect(metrics.gaugeValue('component_up', { component: 'nats' })).toBeUndefined()
  expect(roles.map((service) => metrics.gaugeValue('service_up', { service }))).toEqual([1, 1])
})
