/** What prom-client's constructors take. */
export interface PromMetricConfiguration<Registry> {
  name: string
  help: string
  labelNames: string[]
  registers: Registry[]
}

/** The subset of the module prom-client (15) that we need: `import * as promClient from 'prom-client'`. */
export interface PromClient<Registry> {
  readonly Counter: new (
    configuration: PromMetricConfiguration<Registry>,
  ) => { inc(labels: Record<string, string>, value: number): void }
  readonly Gauge: new (
    configuration: PromMetricConfiguration<Registry>,
  ) => { set(labels: Record<string, string>, value: number): void }
  readonly Histogram: new (
    configuration: PromMetricConfiguration<Registry> & { buckets?: number[] },
  ) => { observe(labels: Record<string, string>, value: number): void }
}
