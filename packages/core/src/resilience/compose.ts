import { InvalidOptionError } from '../errors/index.ts'
import { ForeignLayer } from './composition/foreign-layer.ts'
import { CALL_ITSELF, type Call, type Inner, type Layer } from './composition/layer.ts'
import { LayeredPolicy } from './composition/layered-policy.ts'
import { startCall } from './composition/start-call.ts'
import type { Alternative } from './fallback/fallback.ts'
import type { ExecuteOptions, Policy } from './policy.ts'

/** What can be composed: any {@link Policy}, and the fallbacks, which may answer with a type of their own. */
export type Composable = Policy | LayeredPolicy<unknown> | ComposedPolicy<unknown>

/** What the fallbacks among these policies may answer. */
export type AnswerOf<P> = P extends { readonly alternatives: readonly Alternative<infer Answer>[] }
  ? Answer
  : P extends ComposedPolicy<infer Answer>
    ? Answer
    : never

/** Several policies as one. `Answer` is what fallbacks among them may answer in place of the call. */
export interface ComposedPolicy<Answer = never> {
  /** The policies, the outermost first; composed ones are taken apart. */
  readonly policies: readonly Composable[]
  /**
   * Runs `call` through all policies.
   * @throws what the policies and the call throw; TimeError `ABORTED` as soon as the caller's signal fires.
   */
  execute<T>(call: Call<T>, options?: ExecuteOptions): Promise<T | Answer>
}

/**
 * One policy of several, the outermost first. A good order is `compose(fallback, bulkhead, hedge, retry, throttle,
 * breaker, timeout)`: a fallback answers for all that fails below; a place in the bulkhead is held through all attempts;
 * each attempt asks throttle and breaker, which see every failure and timeout; the timeout is that of one attempt. A
 * second timeout outside the retry bounds all attempts together.
 * @throws InvalidOptionError `INVALID_OPTION` when there is no policy, or something that is none.
 */
export function compose<const P extends readonly Composable[]>(
  ...policies: P
): ComposedPolicy<AnswerOf<P[number]>> {
  return new Composition<AnswerOf<P[number]>>(policies)
}

class Composition<Answer> implements ComposedPolicy<Answer> {
  readonly policies: readonly Composable[]
  readonly #outermost: Layer

  constructor(policies: readonly Composable[]) {
    this.policies = Object.freeze(policies.flatMap(partsOf))
    const [outermost, ...below] = this.policies
    if (outermost === undefined) throw new InvalidOptionError('policies', 'one policy or several', policies)
    this.#outermost = layerOf(
      outermost,
      below.reduceRight<Inner>((inner, one) => layerOf(one, inner), CALL_ITSELF),
    )
  }

  execute<T>(call: Call<T>, options?: ExecuteOptions): Promise<T | Answer> {
    return startCall(this.#outermost, call, options)
  }
}

function partsOf(policy: Composable): readonly Composable[] {
  if (policy instanceof Composition) return policy.policies
  if (typeof policy?.execute === 'function') return [policy]
  throw new InvalidOptionError('policies', 'policies with a method execute', policy)
}

function layerOf(policy: Composable, inner: Inner): Layer {
  // Safe: a policy that is no layer of ours answers with the call's own type.
  return policy instanceof LayeredPolicy ? policy.over(inner) : new ForeignLayer(policy as Policy, inner)
}
