export { describeLoggerContract, type LoggerUnderTest } from './logger.contract.ts'
export { describeMetricsContract, type MetricsUnderTest } from './metrics.contract.ts'
export { type LogLine, RecordingLogger } from './recording-logger.ts'
export { RecordingMetrics } from './recording-metrics.ts'
