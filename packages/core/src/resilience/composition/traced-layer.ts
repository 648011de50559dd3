import { type SpanAttributes, silentTracer, type Tracer } from '../../observability/index.ts'
import type { Call, Layer } from './layer.ts'

/** The tracer whose spans somebody sees; undefined where nobody would, so that nothing is spent on them. */
export function heardTracer(tracer: Tracer | undefined): Tracer | undefined {
  return tracer === silentTracer ? undefined : tracer
}

/** The layer with a span around each call through it; without a tracer the layer itself. */
export function tracedLayer(
  layer: Layer,
  tracer: Tracer | undefined,
  name: string,
  attributes: SpanAttributes,
): Layer {
  if (tracer === undefined) return layer
  return {
    heedsSignal: layer.heedsSignal,
    run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) =>
      tracer.trace(name, { attributes }, () => layer.run(call, signal, key)),
  }
}

/** Does the work in a span of its own; without a tracer just so. */
export function inSpan<T>(
  tracer: Tracer | undefined,
  name: string,
  attributes: SpanAttributes,
  work: () => T | PromiseLike<T>,
): T | PromiseLike<T> {
  // The work is begun within a promise, so that one that throws at once fails its span too.
  return tracer === undefined ? work() : tracer.trace(name, { attributes }, async () => work())
}
