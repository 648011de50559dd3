import type { Labels, MetricDefinition } from './metrics.ts'
import { ObservabilityError } from './observability-error.ts'

/** A definition of any kind. */
export type AnyMetricDefinition = MetricDefinition<'counter' | 'gauge' | 'histogram'>

/**
 * Two definitions of one name must give the same series; the help text may differ.
 * @throws ObservabilityError `METRIC_CONFLICT` when they do not.
 */
export function requireSameDefinition(known: AnyMetricDefinition, asked: AnyMetricDefinition): void {
  if (known === asked || seriesOf(known) === seriesOf(asked)) return
  throw new ObservabilityError({
    code: 'METRIC_CONFLICT',
    message: `metric ${asked.name} is already defined otherwise`,
    details: { name: asked.name, known: seriesOf(known), asked: seriesOf(asked) },
  })
}

/** @throws ObservabilityError `UNKNOWN_LABEL` on a label that the definition does not name. */
export function requireKnownLabels(definition: AnyMetricDefinition, labels: Labels): void {
  for (const label of Object.keys(labels)) {
    if (definition.labelNames.includes(label)) continue
    throw new ObservabilityError({
      code: 'UNKNOWN_LABEL',
      message: `metric ${definition.name} has no label ${label}`,
      details: { name: definition.name, label, labelNames: definition.labelNames },
    })
  }
}

/** @throws ObservabilityError `INVALID_MEASUREMENT` on a number that is not finite, or negative for a counter. */
export function requireMeasurement(definition: AnyMetricDefinition, value: number): void {
  if (Number.isFinite(value) && (definition.kind !== 'counter' || value >= 0)) return
  throw new ObservabilityError({
    code: 'INVALID_MEASUREMENT',
    message: `metric ${definition.name} cannot take ${value}`,
    details: { name: definition.name, value: String(value) },
  })
}

function seriesOf(definition: AnyMetricDefinition): string {
  const { kind, labelNames, buckets } = definition
  return JSON.stringify({ kind, labelNames: [...labelNames].sort(), buckets: buckets ?? 'default' })
}
