export type {
  OtelApiSpan,
  OtelApiSpanOptions,
  OtelApiTracer,
  OtelCarrier,
  OtelContext,
  OtelContextApi,
  OtelPropagation,
  OtelSpanContext,
  OtelTrace,
} from './opentelemetry-api.ts'
export { OtelTracer, type OtelTracerOptions } from './otel-tracer.ts'
