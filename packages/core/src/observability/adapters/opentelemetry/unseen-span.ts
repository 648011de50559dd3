import type { Span, TraceContext } from '../../tracer.ts'
import type { OtelContext, OtelContextApi } from './opentelemetry-api.ts'
import type { OtelPropagator } from './otel-propagator.ts'
import { runIn } from './otel-span.ts'

/** What stands for a span below one that nobody will see: it has the place of that one, and is asked of no SDK. */
export class UnseenSpan implements Span {
  readonly isRecording = false
  /** The context in which the span above is active. */
  readonly #inside: OtelContext
  readonly #contexts: OtelContextApi
  readonly #propagator: OtelPropagator

  constructor(inside: OtelContext, contexts: OtelContextApi, propagator: OtelPropagator) {
    this.#inside = inside
    this.#contexts = contexts
    this.#propagator = propagator
  }

  get context(): TraceContext | null {
    return this.#propagator.write(this.#inside)
  }

  setAttributes(): void {}

  recordException(): void {}

  setStatus(): void {}

  fail(): void {}

  run<T>(work: () => T): T {
    return runIn(this.#inside, this.#contexts, work)
  }

  end(): void {}
}
