import { isGoldenError } from '@golden-arch/core/errors'
import type { Logger } from '@golden-arch/core/observability'
import { ResilienceError } from '@golden-arch/core/resilience'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type EffectKey, EffectLedger, TaskError } from '@golden-arch/core/tasks'
import { type Asking, estimateTokens, type KeptOutcome, MAX_OUTPUT_TOKENS } from './asking.ts'
import type { BudgetDenial, BudgetGate } from './budget-gate.ts'
import { type GuardedModel, MAX_QUEUE_WAIT_MS } from './models/guarded-model.ts'
import { ModelCallError } from './models/model-call-error.ts'
import type { ModelOutcome } from './models/model-port.ts'
import { STEP_HEADER } from './step-header.ts'

/** What {@link PaidCalls} are made of. */
export interface PaidCallsOptions {
  readonly database: SqlDatabase
  readonly budget: BudgetGate
  readonly logger: Logger
  /** Milliseconds that one call may take. */
  readonly timeoutMs: number
}

/** A call that may be made, or that was made before. */
export type OpenedCall =
  | { readonly kind: 'known'; readonly call: number; readonly outcome: KeptOutcome }
  | { readonly kind: 'held'; readonly call: number; readonly effect: EffectKey }

/** The run that made the call ended during it: it may have been billed, and says nothing of the model. */
const LOST = { kind: 'unknown', problem: 'the run ended during the call' } as const
/** Calls of one question that may be lost with the runs that made them, beside those that failed. */
const MAX_LOST_CALLS = 60
/** Of which the most were never made: breakers refused them, or the run ended before them. */
const MAX_CALLS = 2000
/** How long a hold outlives the longest call. */
const SETTLING_MS = 60_000

/**
 * Makes each call once and pays for it once, whatever dies in between: the hold on the budget before it, the intention in
 * the ledger of effects, the call, its outcome in the ledger, the bill.
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
   * Makes a held call and settles it by how it ended. One that is aborted may have been billed: it is paid as estimated
   * before the abort goes on.
   * @throws TaskError `EFFECT_TAKEN` (retryable) where another runner makes the call; ResilienceError `CIRCUIT_OPEN`,
   * `CIRCUIT_ISOLATED`; what the question's signal was fired with; by code, see the ports.
   */
  async make(
    { effect, call }: Extract<OpenedCall, { kind: 'held' }>,
    asking: Asking,
    model: GuardedModel,
  ): Promise<KeptOutcome> {
    const outcome = await this.#send(effect, call, asking, model)
    const kept: KeptOutcome = {
      ...outcome,
      model: model.port.name,
      agentRole: asking.agentRole,
      promptVersion: asking.promptVersion,
    }
    await this.#effects.finish(effect, kept)
    await this.#settle(effect, kept)
    if (outcome.kind !== 'answered') {
      const { logger } = this.#options
      logger.warn(
        { effectId: effect.effectId, model: model.port.name, problem: outcome.problem },
        'model call failed',
      )
    }
    return kept
  }

  /** Gives the hold of a call back that was not made, unless another runner makes it. */
  async giveBack(opened: OpenedCall): Promise<void> {
    if (opened.kind === 'known' || (await this.#effects.find(opened.effect)).state !== 'new') return
    const { tenantId, effectId: requestId } = opened.effect
    await this.#options.budget.release({ tenantId, requestId })
  }

  async #send(effect: EffectKey, call: number, asking: Asking, model: GuardedModel): Promise<ModelOutcome> {
    const { signal, heldBy } = asking.question
    let isIntended = false
    let isOver = false
    try {
      return await model.send(async (timedSignal): Promise<ModelOutcome> => {
        signal?.throwIfAborted()
        if (!(await this.#effects.intend(effect, heldBy))) throw TaskError.effectTaken(effect.effectId)
        isIntended = true
        const onText = onTextOf(asking, call, () => !isOver)
        return await model.port.complete({
          messages: asking.messages,
          maxOutputTokens: MAX_OUTPUT_TOKENS,
          headers: headersOf(asking, effect, call),
          tools: asking.tools,
          ...(onText === undefined ? {} : { onText }),
          signal: signal === undefined ? timedSignal : AbortSignal.any([timedSignal, signal]),
        })
      })
    } catch (error) {
      const isTimeout = isGoldenError(error, 'TIMEOUT') || isGoldenError(error, 'PROBE_TIMEOUT')
      if (isIntended && isTimeout) return { kind: 'unknown', problem: error.message }
      if (isIntended) {
        await this.#effects.markUncertain(effect)
        await this.#settle(effect, LOST)
      } else if (signal?.aborted === true || (error instanceof ResilienceError && !isTimeout)) {
        await this.giveBack({ kind: 'held', call, effect })
      }
      throw error
    } finally {
      isOver = true
    }
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

function headersOf({ question }: Asking, effect: EffectKey, call: number): Record<string, string> {
  const { label, step, attempt } = question
  return { 'idempotency-key': effect.effectId, [STEP_HEADER]: `${label}|${step}|${attempt}|${call}` }
}

function onTextOf(
  { question }: Asking,
  call: number,
  isHeard: () => boolean,
): ((text: string) => void) | undefined {
  const { onText } = question
  if (onText === undefined) return undefined
  return (text) => {
    if (isHeard()) onText({ text, call })
  }
}

function budgetDenied({ level, unit }: BudgetDenial): ModelCallError {
  return new ModelCallError({
    code: 'BUDGET_DENIED',
    message: `The budget of the ${level} has no room in ${unit} for another call.`,
  })
}
