export { LogAlertSink } from './adapters/log/log-alert-sink.ts'
export { fromPino, type PinoLogger } from './adapters/pino/from-pino.ts'
export type { PromClient, PromMetricConfiguration } from './adapters/prom-client/prom-client.ts'
export {
  PromClientMetrics,
  type PromClientMetricsOptions,
} from './adapters/prom-client/prom-client-metrics.ts'
export {
  WebhookAlertSink,
  type WebhookDrainReport,
} from './adapters/webhook/webhook-alert-sink.ts'
export type { WebhookAlertSinkOptions } from './adapters/webhook/webhook-alert-sink-options.ts'
export { type VerifyWebhookOptions, verifyWebhook } from './adapters/webhook/webhook-signature.ts'
export {
  type Alert,
  type AlertSeverity,
  type AlertSink,
  combineAlertSinks,
  silentAlertSink,
} from './alert-sink.ts'
export { EventListeners, type Listener } from './event-listeners.ts'
export type { Logger } from './logger.ts'
export { METRICS, type MetricCatalogue } from './metric-catalogue.ts'
export type {
  Counter,
  Gauge,
  Histogram,
  Labels,
  MetricDefinition,
  Metrics,
  MetricUnit,
  RemovableSeries,
} from './metrics.ts'
export { normalizeFailure } from './normalize-failure.ts'
export { ObservabilityError, type ObservabilityErrorCode } from './observability-error.ts'
export { quietLogger, quietMetrics } from './quiet-sinks.ts'
export { silentLogger, silentMetrics, silentTracer } from './silent.ts'
export type { Span, SpanAttributes, SpanKind, SpanOptions, TraceContext, Tracer } from './tracer.ts'
