import { requireMethods, requireText, withDefaults } from '../../../errors/index.ts'
import type { Span, SpanOptions, TraceContext, Tracer } from '../../tracer.ts'
import type {
  OtelApiSpanOptions,
  OtelApiTracer,
  OtelContext,
  OtelContextApi,
  OtelPropagation,
  OtelTrace,
} from './opentelemetry-api.ts'
import { OtelPropagator } from './otel-propagator.ts'
import { OtelSpan } from './otel-span.ts'
import { UnseenSpan } from './unseen-span.ts'

/** What an {@link OtelTracer} is made of. */
export interface OtelTracerOptions {
  /** `trace` of `@opentelemetry/api`. */
  readonly trace: OtelTrace
  /** `context` of `@opentelemetry/api`. */
  readonly context: OtelContextApi
  /** `propagation` of `@opentelemetry/api`, or a propagator; it must read and write W3C Trace Context. */
  readonly propagation: OtelPropagation
  /** Name of the instrumentation, 1 to 256 characters. Default `golden-arch`. */
  readonly name?: string | undefined
  /** Version of the instrumentation. Default: none. */
  readonly version?: string | undefined
}

const DEFAULTS = Object.freeze({
  trace: undefined,
  context: undefined,
  propagation: undefined,
  name: 'golden-arch',
  version: undefined,
})

/** W3C Trace Context, section 3.2.2.5. */
const SAMPLED = 1
const KINDS = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 } as const

/**
 * Traces through `@opentelemetry/api` (1.9 or later): to whatever SDK the application has registered, and nowhere without
 * one. Spans nest across `await` only where a context manager is registered, as every SDK for Node does. Below a span of this
 * process that is not sampled none is made, whatever the sampler would say: a trace that nobody sees costs one question to the SDK.
 */
export class OtelTracer implements Tracer {
  readonly #tracer: OtelApiTracer
  readonly #trace: OtelTrace
  readonly #contexts: OtelContextApi
  readonly #propagator: OtelPropagator

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: OtelTracerOptions) {
    const { trace, context, propagation, name, version } = withDefaults(options, DEFAULTS)
    requireMethods('trace', trace, ['getTracer'])
    requireMethods('context', context, ['active'])
    requireMethods('propagation', propagation, ['inject'])
    this.#tracer = trace.getTracer(requireText('name', name, 256), version)
    this.#trace = trace
    this.#contexts = context
    this.#propagator = new OtelPropagator(trace, propagation)
  }

  startSpan(name: string, options: SpanOptions = {}): Span {
    const active = this.#contexts.active()
    if (options.parent === undefined && this.#isUnseen(active)) {
      return new UnseenSpan(active, this.#contexts, this.#propagator)
    }
    const outside = this.#outside(active, options.parent)
    const span = this.#tracer.startSpan(name, this.#apiOptions(active, options), outside)
    return new OtelSpan(span, this.#trace.setSpan(outside, span), this.#contexts, this.#propagator)
  }

  async trace<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
    const span = this.startSpan(name, options)
    if (span instanceof UnseenSpan) return work(span)
    try {
      return await span.run(() => work(span))
    } catch (error) {
      span.fail(error)
      throw error
    } finally {
      span.end()
    }
  }

  activeContext(): TraceContext | null {
    return this.#propagator.write(this.#contexts.active())
  }

  /** Whether the active span is one of this process that nobody will see. */
  #isUnseen(active: OtelContext): boolean {
    const span = this.#trace.getSpan(active)
    if (span === undefined || span.isRecording()) return false
    const { traceFlags, isRemote } = span.spanContext()
    return (traceFlags & SAMPLED) === 0 && isRemote !== true
  }

  #outside(active: OtelContext, parent: SpanOptions['parent']): OtelContext {
    if (parent === undefined) return active
    return parent === null ? this.#trace.deleteSpan(active) : this.#propagator.read(active, parent)
  }

  #apiOptions(active: OtelContext, { kind, attributes, links }: SpanOptions): OtelApiSpanOptions {
    const found = links?.flatMap((link) => {
      const context = this.#propagator.readSpanContext(active, link)
      return context === undefined ? [] : [{ context }]
    })
    return {
      kind: KINDS[kind ?? 'internal'],
      ...(attributes === undefined ? {} : { attributes }),
      ...(found === undefined ? {} : { links: found }),
    }
  }
}
