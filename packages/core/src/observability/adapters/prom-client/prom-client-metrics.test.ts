import * as promClient from 'prom-client'
import { expect, it } from 'vitest'
import { METRICS } from '../../metric-catalogue.ts'
import { describeMetricsContract } from '../../testing/metrics.contract.ts'
import { PromClientMetrics } from './prom-client-metrics.ts'

describeMetricsContract('PromClientMetrics', () => {
  const registry = new promClient.Registry()
  return {
    metrics: new PromClientMetrics({ registry, promClient }),
    read: async (name, labels) => {
      const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {}
      const counts = values.filter((value) => !('metricName' in value) || value.metricName !== `${name}_sum`)
      const found = counts.find(
        (value) =>
          Object.entries(labels).every(([label, text]) => value.labels[label] === text) &&
          (!('metricName' in value) ||
            value.metricName === undefined ||
            value.metricName === `${name}_count`),
      )
      return found?.value ?? 0
    },
  }
})

it('two adapters on one registry share their instruments', async () => {
  const registry = new promClient.Registry()
  new PromClientMetrics({ registry, promClient })
    .counter(METRICS.taskTransitions)
    .increment({ to: 'completed' })
  new PromClientMetrics({ registry, promClient })
    .counter(METRICS.taskTransitions)
    .increment({ to: 'completed' })
  expect(await registry.metrics()).toContain('task_transitions_total{to="completed"} 2')
})

it('gives labels that come without end one series together, and tells of it', async () => {
  const registry = new promClient.Registry()
  const metrics = new PromClientMetrics({ registry, promClient, maxSeriesPerMetric: 3 })
  const gauge = metrics.gauge(METRICS.circuitBreakerState)
  const counter = metrics.counter(METRICS.learningActs)
  for (let index = 0; index < 50; index++) {
    gauge.set(index, { name: `breaker-${index}` })
    counter.increment({ act: `act-${index % 10}`, outcome: 'allowed' })
  }
  const text = await registry.metrics()
  const seriesOf = (name: string): number =>
    text.split('\n').filter((line) => line.startsWith(`${name}{`)).length
  expect([seriesOf('circuit_breaker_state'), seriesOf('learning_acts_total')]).toEqual([4, 4])
  expect(text).toContain('circuit_breaker_state{name="other"} 49')
  expect(text).toContain('learning_acts_total{act="other",outcome="other"} 35')
  expect(text).toContain('metric_series_refused_total{metric="circuit_breaker_state"} 47')
  gauge.remove?.({ name: 'breaker-0' })
  gauge.set(2, { name: 'new' })
  expect(await registry.metrics()).toContain('circuit_breaker_state{name="new"} 2')
})

it('tells which label or value it refuses', () => {
  const metrics = new PromClientMetrics({ registry: new promClient.Registry(), promClient })
  const counter = metrics.counter(METRICS.taskTransitions)
  const name = METRICS.taskTransitions.name
  expect(() => counter.increment({ tenant: 'acme' })).toThrow(
    expect.objectContaining({
      message: `metric ${name} has no label tenant`,
      details: { name, label: 'tenant', labelNames: ['to'] },
    }),
  )
  expect(() => counter.increment({ to: 'failed' }, -1)).toThrow(
    expect.objectContaining({ message: `metric ${name} cannot take -1`, details: { name, value: '-1' } }),
  )
})

it('refuses a name that the application has registered itself', () => {
  const registry = new promClient.Registry()
  new promClient.Counter({ name: 'budget_errors_total', help: 'own', registers: [registry] })
  const metrics = new PromClientMetrics({ registry, promClient })
  expect(() => metrics.counter(METRICS.budgetErrors)).toThrow(
    expect.objectContaining({ code: 'METRIC_CONFLICT' }),
  )
})

it('every metric of the catalogue can be registered', async () => {
  const registry = new promClient.Registry()
  const metrics = new PromClientMetrics({ registry, promClient })
  for (const definition of Object.values(METRICS)) {
    if (definition.kind === 'counter') metrics.counter({ ...definition, kind: 'counter' })
    else metrics.histogram({ ...definition, kind: 'histogram' })
  }
  expect(registry.getMetricsAsArray()).toHaveLength(Object.keys(METRICS).length)
})
