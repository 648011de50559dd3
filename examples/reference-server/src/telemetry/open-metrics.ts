import { METRICS, type Metrics, PromClientMetrics } from '@golden-arch/core/observability'
import promClient, { type Registry } from 'prom-client'

/** Gauges of prom-client whose names say that they are counters. What they tell is told by label beside them. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/**
 * The metrics of a process in `registry`, those of Node beside them. Counters and histograms are told from the start, as
 * whoever watches must be able to tell none from not known; gauges once somebody has measured.
 */
export function openMetrics(registry: Registry): Metrics {
  const metrics = new PromClientMetrics({ registry, promClient })
  promClient.collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  for (const definition of Object.values(METRICS)) {
    if (definition.kind === 'counter') metrics.counter(definition)
    if (definition.kind === 'histogram') metrics.histogram(definition)
  }
  return metrics
}
