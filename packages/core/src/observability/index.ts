export type { Logger } from './logger.ts'
export { METRICS } from './metric-catalogue.ts'
export type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from './metrics.ts'
export { silentLogger, silentMetrics } from './silent.ts'
