import { type GoldenError, isGoldenError } from '@golden-arch/core/errors'
import { fallback } from '@golden-arch/core/resilience'
import { type Clock, sleep } from '@golden-arch/core/time'
import type { Asking } from './asking.ts'
import { type Answered, callModel } from './model-call.ts'
import type { GuardedModel } from './models/guarded-model.ts'
import type { PaidCalls } from './paid-calls.ts'

/** What a {@link ModelChain} is made of. */
export interface ModelChainOptions {
  /** In the order in which they are asked. */
  readonly models: readonly [GuardedModel, ...GuardedModel[]]
  readonly calls: PaidCalls
  readonly clock: Clock
  /** Milliseconds that an answer may wait in all for breakers, where no model is left that may be asked. */
  readonly maxBreakerWaitMs: number
}

const MIN_BREAKER_WAIT_MS = 200

/** Ends of a model's calls that the next model may stand in for. */
export const GIVEN_UP: ReadonlySet<string> = new Set([
  'MODEL_CALL_FAILED',
  'CIRCUIT_OPEN',
  'CIRCUIT_ISOLATED',
  'BULKHEAD_FULL',
])

/** Models that stand in for one another: the next answers where one has given up or its breaker is open. */
export class ModelChain {
  readonly #options: ModelChainOptions

  constructor(options: ModelChainOptions) {
    this.#options = options
  }

  /**
   * An answer, or the one that an earlier run had. An outage that a breaker has seen is waited for.
   * @throws ModelCallError `MODEL_CALL_FAILED`, `BUDGET_DENIED`, `CALLS_LOST`; ResilienceError `CIRCUIT_OPEN`,
   * `CIRCUIT_ISOLATED`, `BULKHEAD_FULL`; TaskError `EFFECT_TAKEN`; TimeError `ABORTED`; by code, see the ports.
   */
  async answer(asking: Asking): Promise<Answered> {
    const { signal } = asking.question
    const { clock, maxBreakerWaitMs } = this.#options
    const startedMs = clock.monotonicMs()
    for (;;) {
      try {
        return await this.#answerOfChain(asking)
      } catch (error) {
        const waitMs = isGoldenError(error, 'CIRCUIT_OPEN') ? waitFor(error) : undefined
        const waitedMs = clock.monotonicMs() - startedMs
        if (waitMs === undefined || waitedMs + waitMs > maxBreakerWaitMs) throw error
        await sleep(waitMs, { clock, ...(signal === undefined ? {} : { signal }) })
      }
    }
  }

  /** An answer of the first model that has one. */
  #answerOfChain(asking: Asking): Promise<Answered> {
    const { models, calls } = this.#options
    const [first, ...others] = models
    if (others.length === 0) return callModel(asking, first, calls)
    const alternatives = others.map((model) => () => callModel(asking, model, calls))
    const chain = fallback(alternatives, {
      shouldHandle: (error) => isGoldenError(error) && GIVEN_UP.has(error.code),
    })
    return chain.execute(() => callModel(asking, first, calls))
  }
}

/** Milliseconds until a breaker may let a call through: no fewer than a probe takes, and not the same for all that wait. */
function waitFor(error: GoldenError): number {
  const leastMs = Math.max(error.retryAfterMs ?? 0, MIN_BREAKER_WAIT_MS)
  return Math.ceil(leastMs * (1 + Math.random() / 4))
}
