import type { Tracer } from '@golden-arch/core/observability'
import { OtelTracer } from '@golden-arch/core/observability/opentelemetry'
import { context, propagation, type SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

/** An OpenTelemetry SDK that keeps its spans in memory, registered for this process. */
export interface RecordedSpans {
  readonly tracer: Tracer
  /** The ended spans of that name and kind, in the order of their end. */
  named(name: string, kind?: SpanKind): ReadableSpan[]
  all(): ReadableSpan[]
  reset(): void
  close(): void
}

export function recordSpans(): RecordedSpans {
  const exporter = new InMemorySpanExporter()
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
  return {
    tracer: new OtelTracer({ trace, context, propagation }),
    named: (name, kind) =>
      exporter
        .getFinishedSpans()
        .filter((span) => span.name === name && (kind === undefined || span.kind === kind)),
    all: () => exporter.getFinishedSpans(),
    reset: () => exporter.reset(),
    close: () => {
      trace.disable()
      context.disable()
      propagation.disable()
    },
  }
}
