export { fromPino, type PinoLogger } from './adapters/pino/from-pino.ts'
export type { PromClient, PromMetricConfiguration } from './adapters/prom-client/prom-client.ts'
export {
  PromClientMetrics,
  type PromClientMetricsOptions,
} from './adapters/prom-client/prom-client-metrics.ts'
export type { Logger } from './logger.ts'
export { METRICS } from './metric-catalogue.ts'
export type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from './metrics.ts'
export { ObservabilityError, type ObservabilityErrorCode } from './observability-error.ts'
export { silentLogger, silentMetrics } from './silent.ts'
