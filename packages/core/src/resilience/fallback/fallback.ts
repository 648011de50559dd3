import { InvalidOptionError, requireFunction, requireText, withDefaults } from '../../errors/index.ts'
import type { Tracer } from '../../observability/index.ts'
import { TimeError } from '../../time/index.ts'
import { begin, type Call, type Inner, type Layer } from '../composition/layer.ts'
import { LayeredPolicy } from '../composition/layered-policy.ts'
import { heardTracer, inSpan, tracedLayer } from '../composition/traced-layer.ts'

/** What an alternative may go by. */
export interface FallbackSituation {
  /** Why the call, or the alternative before this one, failed. */
  readonly error: unknown
  /** Fires when the caller has lost interest; undefined where it gave no signal. */
  readonly signal: AbortSignal | undefined
  /** Whom the call was for. */
  readonly key: string | undefined
}

/** What is done in place of a call that failed: another model, a cached answer. */
export type Alternative<Answer> = (situation: FallbackSituation) => Answer | PromiseLike<Answer>

/** When alternatives are used. */
export interface FallbackOptions {
  /** Whether an error is one that alternatives may stand in for. Default every error. */
  readonly shouldHandle?: ((error: unknown) => boolean) | undefined
  /** What spans call the policy. Default `fallback`. */
  readonly name?: string | undefined
  /** Gets a span for each call, and one below it for each alternative that is tried. Default: none. */
  readonly tracer?: Tracer | undefined
}

const DEFAULTS = Object.freeze({ shouldHandle: () => true, name: 'fallback', tracer: undefined })

/** A {@link FallbackPolicy} with these alternatives, which are tried one after the other. */
export function fallback<Answer>(
  alternatives: Alternative<Answer> | readonly Alternative<Answer>[],
  options: FallbackOptions = {},
): FallbackPolicy<Answer> {
  return new FallbackPolicy(typeof alternatives === 'function' ? [alternatives] : alternatives, options)
}

/**
 * Answers in place of a call that failed: with the first alternative that succeeds. If none does, the error of the last
 * one is thrown; an alternative that has nothing better to say may throw the error it was given. A caller's abort is
 * never answered, nor is an error that `shouldHandle` turns down or throws at.
 */
export class FallbackPolicy<Answer> extends LayeredPolicy<Answer> {
  readonly alternatives: readonly Alternative<Answer>[]
  readonly #shouldHandle: (error: unknown) => boolean
  readonly #name: string
  readonly #tracer: Tracer | undefined

  /** @throws InvalidOptionError `INVALID_OPTION` unless there is an alternative, and each is a function; on a bad name. */
  constructor(alternatives: readonly Alternative<Answer>[], options: FallbackOptions = {}) {
    super()
    if (!Array.isArray(alternatives) || alternatives.length === 0 || !alternatives.every(isFunction)) {
      throw new InvalidOptionError('alternatives', 'a function, or several', alternatives)
    }
    this.alternatives = Object.freeze([...alternatives])
    const { shouldHandle, name, tracer } = withDefaults(options, DEFAULTS)
    this.#shouldHandle = requireFunction('shouldHandle', shouldHandle)
    this.#name = requireText('name', name)
    this.#tracer = heardTracer(tracer)
  }

  over(inner: Inner): Layer {
    const layer: Layer = {
      heedsSignal: true,
      run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) =>
        begin(inner, call, signal, key).catch(
          (error: unknown) =>
            // Safe: whoever composes a fallback is given the type of its answers beside T.
            this.#answer(error, signal, key) as Promise<unknown> as Promise<T>,
        ),
    }
    return tracedLayer(layer, this.#tracer, 'fallback', { 'policy.name': this.#name })
  }

  async #answer(failure: unknown, signal: AbortSignal | undefined, key: string | undefined): Promise<Answer> {
    let error = failure
    for (const [index, alternative] of this.alternatives.entries()) {
      if (signal?.aborted) throw TimeError.aborted(signal.reason)
      if (!this.#isHandled(error)) break
      try {
        const situation = { error, signal, key }
        const attributes = { 'policy.name': this.#name, 'fallback.alternative': index + 1 }
        return await inSpan(this.#tracer, 'fallback alternative', attributes, () => alternative(situation))
      } catch (thrown) {
        error = thrown
      }
    }
    throw error
  }

  #isHandled(error: unknown): boolean {
    try {
      return this.#shouldHandle(error)
    } catch {
      return false
    }
  }
}

function isFunction(one: unknown): boolean {
  return typeof one === 'function'
}
