/** What a span does: serves a caller, calls a service, hands a message over, handles one, or works inside. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** Facts of a span by name, without secrets. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | string[]>>

/** A place in a trace, as W3C Trace Context writes it into headers and envelopes. */
export interface TraceContext {
  /** `00-`, 32 hexadecimal digits of the trace, 16 of the span, two of flags. */
  readonly traceparent: string
  /** What vendors add; passed on as it came. */
  readonly tracestate?: string
}

/** How a span starts. */
export interface SpanOptions {
  /** Default `internal`. */
  readonly kind?: SpanKind | undefined
  /** What is told of the span. Default: none. */
  readonly attributes?: SpanAttributes | undefined
  /** The span above; null or malformed starts a new trace. Default the active span. */
  readonly parent?: TraceContext | null | undefined
  /** Spans elsewhere that led to this one; malformed ones are left out. Default: none. */
  readonly links?: readonly TraceContext[] | undefined
}

/** A piece of work that is being traced. Nothing it does throws, and after `end` nothing changes it. */
export interface Span {
  /** Whether anybody will see it; false spares the making of costly attributes. */
  readonly isRecording: boolean
  /** What to hand to other processes; null where there is no trace. */
  readonly context: TraceContext | null
  setAttributes(attributes: SpanAttributes): void
  /** Notes that something was thrown; whether the span failed is for {@link Span.setStatus} or {@link Span.fail} to say. */
  recordException(error: unknown): void
  setStatus(status: 'ok' | 'error', description?: string): void
  /** Records the exception, sets the status `error`, and `error.type` to the error's code, else its name. */
  fail(error: unknown): void
  /** Runs `work` with this span active: spans started in it, or in what it awaits, stand below this one. */
  run<T>(work: () => T): T
  end(): void
}

/** Where traces come from. A tracer is asked on hot paths, so its silent form does nothing at all. */
export interface Tracer {
  /** Starts a span that the caller ends. It is not active by itself: see {@link Span.run}. */
  startSpan(name: string, options?: SpanOptions): Span
  /** Runs `work` in a span of its own that ends with it, failed if `work` rejects. Gives what `work` gives. */
  trace<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>
  /** The active span's place, to hand to other processes; null where there is none. */
  activeContext(): TraceContext | null
}
