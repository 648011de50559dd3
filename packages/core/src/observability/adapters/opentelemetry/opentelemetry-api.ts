/** A context of @opentelemetry/api: an immutable bag that travels with the work. */
export interface OtelContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): OtelContext
  deleteValue(key: symbol): OtelContext
}

/** The ids of a span, as @opentelemetry/api keeps them. */
export interface OtelSpanContext {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly isRemote?: boolean
}

/** The subset of a span of @opentelemetry/api that we need. */
export interface OtelApiSpan {
  spanContext(): OtelSpanContext
  isRecording(): boolean
  setAttributes(attributes: Record<string, string | number | boolean | string[]>): unknown
  setStatus(status: { code: number; message?: string }): unknown
  recordException(exception: Error | string): void
  end(): void
}

/** How a span of @opentelemetry/api starts. */
export interface OtelApiSpanOptions {
  kind?: number
  attributes?: Record<string, string | number | boolean | string[]>
  links?: { context: OtelSpanContext }[]
  root?: boolean
}

/** The subset of a tracer of @opentelemetry/api that we need. */
export interface OtelApiTracer {
  startSpan(name: string, options: OtelApiSpanOptions, context: OtelContext): OtelApiSpan
}

/** The subset of `trace` of @opentelemetry/api that we need. */
export interface OtelTrace {
  getTracer(name: string, version?: string): OtelApiTracer
  setSpan(context: OtelContext, span: OtelApiSpan): OtelContext
  deleteSpan(context: OtelContext): OtelContext
  getSpan(context: OtelContext): Pick<OtelApiSpan, 'spanContext' | 'isRecording'> | undefined
  getSpanContext(context: OtelContext): OtelSpanContext | undefined
}

/** The subset of `context` of @opentelemetry/api that we need. */
export interface OtelContextApi {
  active(): OtelContext
  with<T>(context: OtelContext, work: () => T): T
}

/** Carries a trace context as text. */
export type OtelCarrier = Record<string, string>

/** The subset of `propagation` of @opentelemetry/api that we need; a propagator itself fits too. */
export interface OtelPropagation {
  inject(
    context: OtelContext,
    carrier: OtelCarrier,
    setter: { set(carrier: OtelCarrier, key: string, value: string): void },
  ): void
  extract(
    context: OtelContext,
    carrier: OtelCarrier,
    getter: {
      get(carrier: OtelCarrier, key: string): string | undefined
      keys(carrier: OtelCarrier): string[]
    },
  ): OtelContext
}
