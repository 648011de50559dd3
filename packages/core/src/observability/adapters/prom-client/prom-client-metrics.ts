import {
  requireFunction,
  requireInteger,
  requireObject,
  requireText,
  withDefaults,
} from '../../../errors/index.ts'
import { METRICS } from '../../metric-catalogue.ts'
import {
  type AnyMetricDefinition,
  requireKnownLabels,
  requireMeasurement,
  requireSameDefinition,
} from '../../metric-rules.ts'
import type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from '../../metrics.ts'
import { ObservabilityError } from '../../observability-error.ts'
import { SeriesLimit } from '../../series-limit.ts'
import type { PromClient, PromMetricConfiguration, PromSeries } from './prom-client.ts'

/** What a {@link PromClientMetrics} is made of. */
export interface PromClientMetricsOptions<Registry extends object> {
  /** Where the metrics are registered. It stays yours. */
  readonly registry: Registry
  /** The module prom-client (15), or its three constructors. */
  readonly promClient: PromClient<Registry>
  /**
   * Series that one metric may have, 1 to 100000. Default 1000. What is measured with further labels counts together under
   * the value `other`, and is told of by `metric_series_refused_total`. Of two on one registry, the first one's number counts.
   */
  readonly maxSeriesPerMetric?: number | undefined
}

const DEFAULTS = Object.freeze({ registry: undefined, promClient: undefined, maxSeriesPerMetric: 1000 })

interface Recorder {
  measure(value: number, labels: Labels): void
  remove(labels: Labels): void
}

interface Instrument extends Recorder {
  readonly definition: AnyMetricDefinition
}

/** The instruments of each registry, so that two adapters on one registry share them. */
const INSTRUMENTS = new WeakMap<object, Map<string, Instrument>>()

/**
 * Metrics in a prom-client registry. Measuring throws `UNKNOWN_LABEL` on a label that the definition does not name, and
 * `INVALID_MEASUREMENT` on a number that is not finite or would make a counter shrink.
 */
export class PromClientMetrics<Registry extends object> implements Metrics {
  readonly #registry: Registry
  readonly #promClient: PromClient<Registry>
  readonly #instruments: Map<string, Instrument>
  readonly #maxSeries: number

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: PromClientMetricsOptions<Registry>) {
    const { registry, promClient, maxSeriesPerMetric } = withDefaults<
      PromClientMetricsOptions<Registry>,
      typeof DEFAULTS
    >(options, DEFAULTS)
    this.#maxSeries = requireInteger('maxSeriesPerMetric', maxSeriesPerMetric, { min: 1, max: 100_000 })
    this.#registry = requireObject('registry', registry)
    for (const kind of ['Counter', 'Gauge', 'Histogram'] as const) {
      requireFunction(`promClient.${kind}`, promClient?.[kind])
    }
    this.#promClient = promClient
    this.#instruments = INSTRUMENTS.get(registry) ?? new Map()
    INSTRUMENTS.set(registry, this.#instruments)
  }

  /**
   * The counter of that name, made when first asked for.
   * @throws ObservabilityError `METRIC_CONFLICT` when the name stands for something else in the registry.
   */
  counter(definition: MetricDefinition<'counter'>): Counter {
    const { measure, remove } = this.#instrument(definition, (configuration) => {
      const counter = new this.#promClient.Counter(configuration)
      return recorder(counter, (value, labels) => counter.inc({ ...labels }, value))
    })
    return { increment: (labels = {}, amount = 1) => measure(amount, labels), remove }
  }

  /**
   * The gauge of that name, made when first asked for.
   * @throws ObservabilityError `METRIC_CONFLICT` when the name stands for something else in the registry.
   */
  gauge(definition: MetricDefinition<'gauge'>): Gauge {
    const { measure, remove } = this.#instrument(definition, (configuration) => {
      const gauge = new this.#promClient.Gauge(configuration)
      return recorder(gauge, (value, labels) => gauge.set({ ...labels }, value))
    })
    return { set: (value, labels = {}) => measure(value, labels), remove }
  }

  /**
   * The histogram of that name, made when first asked for.
   * @throws ObservabilityError `METRIC_CONFLICT` when the name stands for something else in the registry.
   */
  histogram(definition: MetricDefinition<'histogram'>): Histogram {
    const buckets = definition.buckets === undefined ? {} : { buckets: [...definition.buckets] }
    const { measure, remove } = this.#instrument(definition, (configuration) => {
      const histogram = new this.#promClient.Histogram({ ...configuration, ...buckets })
      return recorder(histogram, (value, labels) => histogram.observe({ ...labels }, value))
    })
    return { observe: (value, labels = {}) => measure(value, labels), remove }
  }

  #instrument(
    definition: AnyMetricDefinition,
    make: (configuration: PromMetricConfiguration<Registry>) => Recorder,
  ): Recorder {
    const name = requireText('name', definition.name)
    const known = this.#instruments.get(name)
    if (known !== undefined) {
      requireSameDefinition(known.definition, definition)
      return known
    }
    const recorder = this.#make(definition, make)
    const limit = new SeriesLimit(definition.labelNames, this.#maxSeries)
    const instrument: Instrument = {
      definition,
      measure: (value, labels) => {
        requireKnownLabels(definition, labels)
        requireMeasurement(definition, value)
        const admitted = limit.admit(labels)
        recorder.measure(value, admitted)
        if (admitted !== labels) this.#tellOfRefusal(name)
      },
      remove: (labels) => {
        if (limit.forget(labels)) recorder.remove(labels)
      },
    }
    this.#instruments.set(name, instrument)
    return instrument
  }

  #tellOfRefusal(metric: string): void {
    // Its own labels are the names of metrics: there is an end to them.
    if (metric !== METRICS.metricSeriesRefused.name)
      this.counter(METRICS.metricSeriesRefused).increment({ metric })
  }

  #make(
    definition: AnyMetricDefinition,
    make: (configuration: PromMetricConfiguration<Registry>) => Recorder,
  ): Recorder {
    const { name, help, labelNames } = definition
    try {
      return make({ name, help, labelNames: [...labelNames], registers: [this.#registry] })
    } catch (error) {
      throw new ObservabilityError({
        code: 'METRIC_CONFLICT',
        message: `metric ${name} cannot be registered`,
        details: { name },
        cause: error,
      })
    }
  }
}

function recorder(series: PromSeries, measure: Recorder['measure']): Recorder {
  return { measure, remove: (labels) => series.remove({ ...labels }) }
}
