/** What prom-client's constructors take. */
export interface PromMetricConfiguration<Registry> {
  name: string
  help: string
  labelNames: string[]
  registers: Registry[]
}

/** What each of prom-client's metrics has. */
export interface PromSeries {
  remove(labels: Record<string, string>): void
}

/** The subset of the module prom-client (15) that we need: `import * as promClient from 'prom-client'`. */
export interface PromClient<Registry> {
  readonly Counter: new (
    configuration: PromMetricConfiguration<Registry>,
  ) => PromSeries & { inc(labels: Record<string, string>, value: number): void }
  readonly Gauge: new (
    configuration: PromMetricConfiguration<Registry>,
  ) => PromSeries & { set(labels: Record<string, string>, value: number): void }
  readonly Histogram: new (
    configuration: PromMetricConfiguration<Registry> & { buckets?: number[] },
  ) => PromSeries & { observe(labels: Record<string, string>, value: number): void }
}
