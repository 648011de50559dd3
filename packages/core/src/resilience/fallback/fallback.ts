import { InvalidOptionError } from '../../errors/index.ts'
import { TimeError } from '../../time/index.ts'
import { begin, type Call, type Inner, type Layer } from '../composition/layer.ts'
import { LayeredPolicy } from '../composition/layered-policy.ts'

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
  readonly shouldHandle?: (error: unknown) => boolean
}

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

  /** @throws InvalidOptionError `INVALID_OPTION` unless there is an alternative, and each is a function. */
  constructor(alternatives: readonly Alternative<Answer>[], options: FallbackOptions = {}) {
    super()
    if (alternatives.length === 0 || alternatives.some((one) => typeof one !== 'function')) {
      throw new InvalidOptionError('alternatives', 'a function, or several', alternatives)
    }
    this.alternatives = Object.freeze([...alternatives])
    this.#shouldHandle = options.shouldHandle ?? (() => true)
  }

  over(inner: Inner): Layer {
    return {
      heedsSignal: true,
      run: <T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined) =>
        begin(inner, call, signal, key).catch(
          (error: unknown) =>
            // Safe: whoever composes a fallback is given the type of its answers beside T.
            this.#answer(error, signal, key) as Promise<unknown> as Promise<T>,
        ),
    }
  }

  async #answer(failure: unknown, signal: AbortSignal | undefined, key: string | undefined): Promise<Answer> {
    let error = failure
    for (const alternative of this.alternatives) {
      if (signal?.aborted) throw TimeError.aborted(signal.reason)
      if (!this.#isHandled(error)) break
      try {
        return await alternative({ error, signal, key })
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
