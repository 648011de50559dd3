import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import type { Span, Tracer } from './tracer.ts'

/** A logger that keeps quiet: the default wherever a logger may be passed. */
export const silentLogger: Logger = Object.freeze({
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
})

/** Metrics that go nowhere: the default wherever metrics may be passed. */
export const silentMetrics: Metrics = Object.freeze({
  counter: () => ({ increment: ignore }),
  gauge: () => ({ set: ignore }),
  histogram: () => ({ observe: ignore }),
})

const SILENT_SPAN: Span = Object.freeze({
  isRecording: false,
  context: null,
  setAttributes: ignore,
  recordException: ignore,
  setStatus: ignore,
  fail: ignore,
  run: <T>(work: () => T): T => work(),
  end: ignore,
})

/** A tracer without traces: the default wherever a tracer may be passed. */
export const silentTracer: Tracer = Object.freeze({
  startSpan: () => SILENT_SPAN,
  trace: <T>(_name: string, _options: object, work: (span: Span) => Promise<T>): Promise<T> =>
    work(SILENT_SPAN),
  activeContext: () => null,
})

function ignore(): void {}
