import { METRICS } from '@golden-arch/core/observability'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { openMetrics } from './open-metrics.ts'

it('tells counters and histograms before anything has happened, and no gauge that nobody has measured', async () => {
  const registry = new Registry()
  openMetrics(registry)
  const told = new Set([...(await registry.metrics()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  for (const { name, kind } of Object.values(METRICS)) expect(told.has(name), name).toBe(kind !== 'gauge')
})

it('tells of the process, under names that say what they are', async () => {
  const registry = new Registry()
  openMetrics(registry)
  const text = await registry.metrics()
  expect(text).toMatch(/^process_resident_memory_bytes \d/m)
  expect([...text.matchAll(/^# TYPE (nodejs_\S+_total) gauge$/gm)].map(([, name]) => name)).toEqual([])
})
