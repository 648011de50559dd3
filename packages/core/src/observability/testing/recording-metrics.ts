import {
  type AnyMetricDefinition,
  requireKnownLabels,
  requireMeasurement,
  requireSameDefinition,
} from '../metric-rules.ts'
import type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from '../metrics.ts'

interface Measurement {
  readonly labels: Labels
  readonly value: number
}

interface Series {
  readonly definition: AnyMetricDefinition
  readonly measurements: Measurement[]
}

/** Metrics that keep every measurement, for tests to read; as strict about definitions and labels as the adapters. */
export class RecordingMetrics implements Metrics {
  readonly #series = new Map<string, Series>()

  /** Throws ObservabilityError `METRIC_CONFLICT`; measuring `UNKNOWN_LABEL` or `INVALID_MEASUREMENT`. */
  counter(definition: MetricDefinition<'counter'>): Counter {
    const record = this.#recorder(definition)
    return { increment: (labels = {}, amount = 1) => record(amount, labels) }
  }

  /** Throws ObservabilityError `METRIC_CONFLICT`; measuring `UNKNOWN_LABEL` or `INVALID_MEASUREMENT`. */
  gauge(definition: MetricDefinition<'gauge'>): Gauge {
    const record = this.#recorder(definition)
    return { set: (value, labels = {}) => record(value, labels) }
  }

  /** Throws ObservabilityError `METRIC_CONFLICT`; measuring `UNKNOWN_LABEL` or `INVALID_MEASUREMENT`. */
  histogram(definition: MetricDefinition<'histogram'>): Histogram {
    const record = this.#recorder(definition)
    return { observe: (value, labels = {}) => record(value, labels) }
  }

  /** The sum of a counter over the measurements that carry at least `labels`; 0 if there are none. */
  counterValue(name: string, labels: Labels = {}): number {
    return this.values(name, labels).reduce((sum, value) => sum + value, 0)
  }

  /** The last value of a gauge among the measurements that carry at least `labels`. */
  gaugeValue(name: string, labels: Labels = {}): number | undefined {
    return this.values(name, labels).at(-1)
  }

  /** Everything measured under `name` with at least `labels`, oldest first. */
  values(name: string, labels: Labels = {}): number[] {
    const measurements = this.#series.get(name)?.measurements ?? []
    const wanted = Object.entries(labels)
    return measurements
      .filter((measurement) => wanted.every(([label, value]) => measurement.labels[label] === value))
      .map((measurement) => measurement.value)
  }

  #recorder(definition: AnyMetricDefinition): (value: number, labels: Labels) => void {
    const series = this.#series.get(definition.name) ?? { definition, measurements: [] }
    requireSameDefinition(series.definition, definition)
    this.#series.set(definition.name, series)
    return (value, labels) => {
      requireKnownLabels(definition, labels)
      requireMeasurement(definition, value)
      series.measurements.push({ labels: { ...labels }, value })
    }
  }
}
