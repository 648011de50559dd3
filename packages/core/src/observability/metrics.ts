/** Label values of one measurement, by label name. */
export type Labels = Readonly<Record<string, string>>

/** An instrument that can let go of what nobody will measure any more, so that labels which come and go stay bounded. */
export interface RemovableSeries {
  /** Drops the series of exactly these labels, if there is one. Left out by adapters that cannot. */
  remove?(labels: Labels): void
}

/** A number that only grows. */
export interface Counter extends RemovableSeries {
  /** Adds `amount` (default 1, not negative). */
  increment(labels?: Labels, amount?: number): void
}

/** A number that goes up and down. */
export interface Gauge extends RemovableSeries {
  set(value: number, labels?: Labels): void
}

/** A distribution of observed values. */
export interface Histogram extends RemovableSeries {
  observe(value: number, labels?: Labels): void
}

/** What a metric counts or measures. `micros`: millionths of a currency. `state`: one of a few numbers that its help names. */
export type MetricUnit = 'things' | 'seconds' | 'tokens' | 'micros' | 'state'

/** What a metric is. */
export interface MetricDefinition<Kind extends 'counter' | 'gauge' | 'histogram'> {
  readonly kind: Kind
  /** Name as dashboards know it: snake_case with its unit, `_total` on a counter. */
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** What is counted or measured. Default: things. */
  readonly unit?: MetricUnit
  /** Upper bounds of a histogram's buckets, ascending. Default: prom-client's. */
  readonly buckets?: readonly number[]
}

/** Where measurements go. Asking twice for one name gives the same instrument. */
export interface Metrics {
  counter(definition: MetricDefinition<'counter'>): Counter
  gauge(definition: MetricDefinition<'gauge'>): Gauge
  histogram(definition: MetricDefinition<'histogram'>): Histogram
}
