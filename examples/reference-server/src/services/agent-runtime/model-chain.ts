import { type GoldenError, isGoldenError } from '@golden-arch/core/errors'
import { fallback } from '@golden-arch/core/resilience'
import { type Clock, sleep } from '@golden-arch/core/time'
import type { Asking } from './asking.ts'
import type { GuardedModel } from './models/guarded-model.ts'
import { ModelCallError } from './models/model-call-error.ts'
import type { AnsweredCall } from './models/model-port.ts'
import type { OpenedCall, PaidCalls } from './paid-calls.ts'
import type { AnsweredBy } from './reply.ts'

/** What a {@link ModelChain} is made of. */
export interface ModelChainOptions {
  /** In the order in which they are asked. */
  readonly models: readonly [GuardedModel, ...GuardedModel[]]
  readonly calls: PaidCalls
  readonly clock: Clock
  /** Milliseconds that an answer may wait in all for breakers, where no model is left that may be asked. */
  readonly maxBreakerWaitMs: number
}

/** An answer, and whose it is. */
export interface Answered {
  readonly answer: AnsweredCall
  readonly by: AnsweredBy
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
    const [first, ...others] = this.#options.models
    if (others.length === 0) return this.#answerOf(asking, first)
    const alternatives = others.map((model) => () => this.#answerOf(asking, model))
    const chain = fallback(alternatives, {
      shouldHandle: (error) => isGoldenError(error) && GIVEN_UP.has(error.code),
    })
    return chain.execute(() => this.#answerOf(asking, first))
  }

  async #answerOf(asking: Asking, model: GuardedModel): Promise<Answered> {
    const { calls } = this.#options
    const { signal, tenantId } = asking.question
    // Who has no budget takes no place in the queue.
    let opened: OpenedCall | undefined = await calls.open(asking, model)
    let running: Promise<unknown> = Promise.resolve()
    const attempt = async (): Promise<Answered> => {
      const call = opened ?? (await calls.open(asking, model))
      opened = undefined
      const outcome = call.kind === 'known' ? call.outcome : await calls.make(call, asking, model)
      if (outcome.kind === 'answered') {
        const { model: name = model.port.name, promptVersion = null } = outcome
        return { answer: outcome, by: { model: name, call: call.call, promptVersion } }
      }
      throw new ModelCallError({
        code: 'MODEL_CALL_FAILED',
        message: outcome.problem,
        retryable: outcome.kind === 'unknown' || outcome.isTransient,
        // An earlier run has waited for what is only replayed.
        ...(outcome.kind === 'not-billed' && outcome.retryAfterMs !== undefined && call.kind === 'held'
          ? { details: { retryAfterMs: outcome.retryAfterMs } }
          : {}),
      })
    }
    try {
      const start = (): Promise<Answered> => {
        const started = attempt()
        running = started.catch(() => undefined)
        return started
      }
      return await model.attempts(start, { key: tenantId, ...(signal === undefined ? {} : { signal }) })
    } finally {
      // An abort ends the waiting at once: what was begun is settled before it goes on.
      await running
      if (opened !== undefined) await calls.giveBack(opened)
    }
  }
}

/** Milliseconds until a breaker may let a call through: no fewer than a probe takes, and not the same for all that wait. */
function waitFor(error: GoldenError): number {
  const leastMs = Math.max(error.retryAfterMs ?? 0, MIN_BREAKER_WAIT_MS)
  return Math.ceil(leastMs * (1 + Math.random() / 4))
}
