import type { TraceContext } from '../../tracer.ts'
import type {
  OtelCarrier,
  OtelContext,
  OtelPropagation,
  OtelSpanContext,
  OtelTrace,
} from './opentelemetry-api.ts'

const SETTER = {
  set: (carrier: OtelCarrier, key: string, value: string): void => {
    carrier[key] = value
  },
}
const GETTER = {
  get: (carrier: OtelCarrier, key: string): string | undefined => carrier[key],
  keys: (carrier: OtelCarrier): string[] => Object.keys(carrier),
}

/** Turns contexts of @opentelemetry/api into text and back. */
export class OtelPropagator {
  readonly #trace: OtelTrace
  readonly #propagation: OtelPropagation

  constructor(trace: OtelTrace, propagation: OtelPropagation) {
    this.#trace = trace
    this.#propagation = propagation
  }

  /** The span of `context` as text; null where there is none, or where the propagator does not write W3C. */
  write(context: OtelContext): TraceContext | null {
    const carrier: OtelCarrier = {}
    this.#propagation.inject(context, carrier, SETTER)
    const { traceparent, tracestate } = carrier
    if (traceparent === undefined) return null
    return tracestate === undefined || tracestate === '' ? { traceparent } : { traceparent, tracestate }
  }

  /** `base` with the span that the text names, or with none where the text is malformed. */
  read(base: OtelContext, { traceparent, tracestate }: TraceContext): OtelContext {
    const carrier = tracestate === undefined ? { traceparent } : { traceparent, tracestate }
    return this.#propagation.extract(this.#trace.deleteSpan(base), carrier, GETTER)
  }

  /** The span that the text names; undefined where it is malformed. */
  readSpanContext(base: OtelContext, text: TraceContext): OtelSpanContext | undefined {
    return this.#trace.getSpanContext(this.read(base, text))
  }
}
