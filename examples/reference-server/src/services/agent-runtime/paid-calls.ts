import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type EffectKey, EffectLedger, TaskError } from '@golden-arch/core/tasks'
import { type Asking, estimateTokens, type KeptOutcome, MAX_OUTPUT_TOKENS } from './asking.ts'
import type { BudgetDenial, BudgetGate } from './budget-gate.ts'
import { type GuardedModel, MAX_QUEUE_WAIT_MS } from './models/guarded-model.ts'
import { ModelCallError } from './models/model-call-error.ts'

/** What {@link PaidCalls} are made of. */
export interface PaidCallsOptions {
  readonly database: SqlDatabase
  readonly budget: BudgetGate
  readonly logger: Logger
  /** Milliseconds that one call may take. */
  readonly timeoutMs: number
}

/** A call whose budget is held. */
export interface HeldCall {
  readonly kind: 'held'
  /** Which call of the question it is, from 1. */
  readonly call: number
  readonly effect: EffectKey
}

/** A call that may be made, or that was made before. */
export type OpenedCall =
  | { readonly kind: 'known'; readonly call: number; readonly outcome: KeptOutcome }
  | HeldCall

/** The run that made the call ended during it: it may have been billed, and says nothing of the model. */
const LOST = { kind: 'unknown', problem: 'the run ended during the call' } as const
/** Calls of one question that may be lost with the runs that made them, beside those that failed. */
const MAX_LOST_CALLS = 60
/** Of which the most were never made: breakers refused them, or the run ended before them. */
const MAX_CALLS = 2000
/** How long a hold outlives the longest call. */
const SETTLING_MS = 60_000

/**
 * Lets each call be made once and pays for it once, whatever dies in between: the hold on the budget before it, the intention
 * in the ledger of effects, and after the call its outcome in the ledger, and the bill.
 */
export class PaidCalls {
  readonly #options: PaidCallsOptions
  readonly #effects: EffectLedger

  constructor(options: PaidCallsOptions) {
    this.#options = options
    this.#effects = new EffectLedger({ database: options.database })
  }

  /**
   * The next call of the question: as an earlier run made it, or with its budget held. Calls that were lost with their run
   * are paid as estimated and passed over.
   * @throws ModelCallError `BUDGET_DENIED`, `CALLS_LOST`; by code, see the ports.
   */
  async open(asking: Asking, model: GuardedModel): Promise<OpenedCall> {
    const { question } = asking
    const { tenantId } = question
    while (asking.lostCalls <= MAX_LOST_CALLS && asking.calls < MAX_CALLS) {
      const call = ++asking.calls
      const requestId = requestIdOf(asking, call)
      const effect: EffectKey = { tenantId, taskId: question.taskId, effectId: requestId }
      const known = await this.#effects.find<KeptOutcome>(effect)
      if (known.state === 'done') {
        await this.#settle(effect, known.result)
        return { kind: 'known', call, outcome: known.result }
      }
      if (known.state !== 'new') {
        // Under the fence: a run whose step went to another must not give up the call that the other makes.
        if (known.state === 'intended') await this.#effects.markUncertain(effect, question.heldBy)
        await this.#settle(effect, LOST)
        asking.lostCalls++
      } else {
        const held = await this.#options.budget.request({
          requestId,
          tenantId,
          projectId: question.projectId,
          taskId: question.rootTaskId,
          agentId: question.agentId,
          tokens: estimateTokens(asking),
          priced: { model: model.port.model, maxOutputTokens: MAX_OUTPUT_TOKENS },
          ttlMs: Math.min(MAX_QUEUE_WAIT_MS + this.#options.timeoutMs + SETTLING_MS, 86_400_000),
        })
        if (typeof held === 'object') throw budgetDenied(held)
        if (held === 'held') return { kind: 'held', call, effect }
      }
    }
    throw new ModelCallError({ code: 'CALLS_LOST', message: LOST.problem })
  }

  /**
   * Writes down that a held call is made now: what becomes of it later, it may have been billed.
   * @throws TaskError `EFFECT_TAKEN` (retryable) where another runner makes it; by code, see the ports.
   */
  async intend({ effect }: HeldCall, { question }: Asking): Promise<void> {
    if (!(await this.#effects.intend(effect, question.heldBy))) throw TaskError.effectTaken(effect.effectId)
  }

  /** Keeps how an intended call ended, and pays for it by that. @throws by code, see the ports. */
  async finish({ effect }: HeldCall, outcome: KeptOutcome): Promise<void> {
    await this.#effects.finish(effect, outcome)
    await this.#settle(effect, outcome)
    if (outcome.kind === 'answered') return
    const { effectId } = effect
    this.#options.logger.warn(
      { effectId, model: outcome.model, problem: outcome.problem },
      'model call failed',
    )
  }

  /** Pays as estimated for an intended call of which nobody will know how it ended. @throws by code, see the ports. */
  async lose({ effect }: HeldCall): Promise<void> {
    await this.#effects.markUncertain(effect)
    await this.#settle(effect, LOST)
  }

  /** Gives the hold of a call back that was not made, unless another runner makes it. */
  async giveBack(opened: OpenedCall): Promise<void> {
    if (opened.kind === 'known' || (await this.#effects.find(opened.effect)).state !== 'new') return
    const { tenantId, effectId: requestId } = opened.effect
    await this.#options.budget.release({ tenantId, requestId })
  }

  /** Settles the hold by what is known of the call. Doing it again changes nothing. */
  async #settle({ tenantId, effectId: requestId }: EffectKey, outcome: KeptOutcome): Promise<void> {
    const { budget } = this.#options
    if (outcome.kind === 'not-billed') return budget.release({ tenantId, requestId })
    const { totalTokens = null } = outcome
    const usage = outcome.kind === 'answered' ? outcome.usage : undefined
    await budget.commit({ tenantId, requestId, totalTokens, ...(usage === undefined ? {} : { usage }) })
  }
}

/** The id of a call's hold, and of its effect. */
export function requestIdOf({ question }: Asking, call: number): string {
  return `${question.taskId}|${question.step}|${question.attempt}|${call}`
}

function budgetDenied({ level, unit }: BudgetDenial): ModelCallError {
  return new ModelCallError({
    code: 'BUDGET_DENIED',
    message: `The budget of the ${level} has no room in ${unit} for another call.`,
  })
}
