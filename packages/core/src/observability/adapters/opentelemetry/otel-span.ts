import { describeSpanError } from '../../span-error.ts'
import type { Span, SpanAttributes, TraceContext } from '../../tracer.ts'
import type { OtelApiSpan, OtelContext, OtelContextApi } from './opentelemetry-api.ts'
import type { OtelPropagator } from './otel-propagator.ts'

const STATUS_CODES = { ok: 1, error: 2 } as const

/** A span of @opentelemetry/api. */
export class OtelSpan implements Span {
  readonly #span: OtelApiSpan
  /** The context in which the span is active. */
  readonly #inside: OtelContext
  readonly #contexts: OtelContextApi
  readonly #propagator: OtelPropagator

  constructor(span: OtelApiSpan, inside: OtelContext, contexts: OtelContextApi, propagator: OtelPropagator) {
    this.#span = span
    this.#inside = inside
    this.#contexts = contexts
    this.#propagator = propagator
  }

  get isRecording(): boolean {
    return this.#span.isRecording()
  }

  get context(): TraceContext | null {
    return this.#propagator.write(this.#inside)
  }

  setAttributes(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes)
  }

  recordException(error: unknown): void {
    this.#span.recordException(error instanceof Error ? error : describeSpanError(error).message)
  }

  setStatus(status: 'ok' | 'error', description?: string): void {
    const code = STATUS_CODES[status]
    this.#span.setStatus(description === undefined ? { code } : { code, message: description })
  }

  fail(error: unknown): void {
    const { type, message } = describeSpanError(error)
    this.recordException(error)
    this.setAttributes({ 'error.type': type })
    this.setStatus('error', message)
  }

  run<T>(work: () => T): T {
    return runIn(this.#inside, this.#contexts, work)
  }

  end(): void {
    this.#span.end()
  }
}

/** Runs `work` in a context, which costs nothing where it is the active one. */
export function runIn<T>(inside: OtelContext, contexts: OtelContextApi, work: () => T): T {
  return contexts.active() === inside ? work() : contexts.with(inside, work)
}
