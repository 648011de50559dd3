import type { Call, Inner, Layer } from '../composition/layer.ts'
import { LayeredPolicy } from '../composition/layered-policy.ts'
import { inSpan, tracedLayer } from '../composition/traced-layer.ts'
import type { Policy } from '../policy.ts'
import { type HedgeOptions, type ResolvedHedgeOptions, resolveHedgeOptions } from './hedge-options.ts'
import { HedgedCall } from './hedged-call.ts'

/** A {@link HedgePolicy} with these options. */
export function hedge(options: HedgeOptions): HedgePolicy {
  return new HedgePolicy(options)
}

/**
 * Makes a slow call again beside itself: only for work that may be done twice. The first success is the answer, and the
 * signals of all other attempts fire. A failed attempt is followed by the next at once; a final failure, or the
 * last of all, is thrown as it is.
 */
export class HedgePolicy extends LayeredPolicy implements Policy {
  readonly #options: ResolvedHedgeOptions

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: HedgeOptions) {
    super()
    this.#options = resolveHedgeOptions(options)
  }

  over(inner: Inner): Layer {
    const options = this.#options
    const { tracer, name } = options
    const layer: Layer = {
      heedsSignal: true,
      run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) =>
        new HedgedCall(options, signal, (own, attempt) => {
          const attributes = { 'policy.name': name, 'hedge.attempt': attempt }
          return inSpan(tracer, 'hedge attempt', attributes, () => inner.run(call, own, key))
        }).answer,
    }
    return tracedLayer(layer, tracer, 'hedge', { 'policy.name': name })
  }
}
