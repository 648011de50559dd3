import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type EffectFence, type EffectKey, EffectLedger, TaskError } from '@golden-arch/core/tasks'
import { sleep } from '@golden-arch/core/time'
import type { z } from 'zod'
import type { AnswerParser } from './answer-parser.ts'
import type { BudgetGate } from './budget-gate.ts'
import type { ChatMessage, ModelClient, ModelOutcome } from './model-client.ts'
import type { Reply } from './reply.ts'
import { STEP_HEADER } from './step-header.ts'

/** A question to a model, in the name of a step of a task. */
export interface Question<Value> {
  readonly tenantId: string
  readonly projectId: string
  /** The root whose budget pays. */
  readonly rootTaskId: string
  /** The task that asks. */
  readonly taskId: string
  /** What the task is known by to whoever asked for it. */
  readonly label: string
  readonly agentId: string
  /** Such as `generate` or `review:security`. */
  readonly step: string
  readonly attempt: number
  readonly messages: readonly ChatMessage[]
  readonly schema: z.ZodType<Value>
  /** The claim under which it is asked: once another has claimed the step, no further call begins. Default none. */
  readonly heldBy?: EffectFence
  readonly signal?: AbortSignal
}

/** What an {@link AgentRuntime} is made of. */
export interface AgentRuntimeOptions {
  readonly database: SqlDatabase
  readonly model: ModelClient
  readonly budget: BudgetGate
  readonly parse: AnswerParser
  readonly logger: Logger
  /** Milliseconds before the second call of an attempt; doubled for each further one. Default 200. */
  readonly retryDelayMs?: number
}

const MAX_FAILED_CALLS = 3
/** Calls of one attempt that may be lost with the runs that made them, beside those that failed. */
const MAX_LOST_CALLS = 20
const MAX_OUTPUT_TOKENS = 4000
/** A hold must not be smaller than the prompt: four characters a token is the usual rule, three leaves a margin. */
const CHARACTERS_PER_TOKEN = 3

type CallEnd = ModelOutcome | { readonly kind: 'denied' } | typeof LOST | typeof LAPSED

/** The run that made the call ended during it: it may have been billed, and says nothing of the model. */
const LOST = { kind: 'lost', problem: 'the run ended during the call' } as const
const LAPSED = { kind: 'lost', problem: 'the run ended before the call' } as const

/**
 * Asks models in the name of agents. Each call is paid for by a hold on the task's budget and remembered as an effect:
 * after a crash an answered call is replayed from the ledger, and one whose end is unknown is paid as estimated.
 */
export class AgentRuntime {
  readonly #options: AgentRuntimeOptions
  readonly #effects: EffectLedger

  constructor(options: AgentRuntimeOptions) {
    this.#options = options
    this.#effects = new EffectLedger({ database: options.database })
  }

  /**
   * Asks, retrying calls that certainly or possibly failed, and validates the answer.
   * @throws TaskError `EFFECT_TAKEN` (retryable) where another runner makes the call; TimeError `ABORTED`; by code, see the ports.
   */
  async ask<Value>(question: Question<Value>): Promise<Reply<Value>> {
    let problem = ''
    let failures = 0
    for (let call = 1; call <= MAX_FAILED_CALLS + MAX_LOST_CALLS; call++) {
      const end = await this.#call(question, call)
      if (end.kind === 'denied') {
        return failure('budget-denied', "The task's budget has no room for another call.", false)
      }
      if (end.kind === 'answered') return this.#options.parse(end, question.schema)
      problem = end.problem
      if (end.kind === 'lost') continue
      failures++
      if (failures === MAX_FAILED_CALLS || (end.kind === 'not-billed' && !end.isTransient)) break
      const delayMs = (this.#options.retryDelayMs ?? 200) * 2 ** (failures - 1)
      await sleep(delayMs, question.signal === undefined ? {} : { signal: question.signal })
    }
    return failure('model-unavailable', problem, false)
  }

  async #call<Value>(question: Question<Value>, call: number): Promise<CallEnd> {
    const { tenantId } = question
    const requestId = `${question.taskId}|${question.step}|${question.attempt}|${call}`
    const effect: EffectKey = { tenantId, taskId: question.taskId, effectId: requestId }
    const known = await this.#effects.find<ModelOutcome>(effect)
    if (known.state === 'done') {
      await this.#settle(tenantId, requestId, known.result)
      return known.result
    }
    if (known.state !== 'new') {
      if (known.state === 'intended') await this.#effects.markUncertain(effect)
      await this.#settle(tenantId, requestId, LOST)
      return LOST
    }
    const held = await this.#options.budget.request({
      requestId,
      tenantId,
      projectId: question.projectId,
      taskId: question.rootTaskId,
      agentId: question.agentId,
      tokens: estimateTokens(question.messages),
    })
    if (held === 'denied') return { kind: 'denied' }
    if (held === 'lapsed') return LAPSED
    if (!(await this.#effects.intend(effect, question.heldBy))) throw TaskError.effectTaken(requestId)
    const outcome = await this.#complete(question, call, effect)
    await this.#effects.finish(effect, outcome)
    await this.#settle(tenantId, requestId, outcome)
    if (outcome.kind !== 'answered') {
      this.#options.logger.warn({ requestId, problem: outcome.problem }, 'model call failed')
    }
    return outcome
  }

  /** Makes the call. One that is aborted may have been billed: it is paid as estimated before the abort goes on. */
  async #complete<Value>(question: Question<Value>, call: number, effect: EffectKey): Promise<ModelOutcome> {
    try {
      return await this.#options.model.complete({
        messages: question.messages,
        maxOutputTokens: MAX_OUTPUT_TOKENS,
        headers: {
          'idempotency-key': effect.effectId,
          [STEP_HEADER]: `${question.label}|${question.step}|${question.attempt}|${call}`,
        },
        ...(question.signal === undefined ? {} : { signal: question.signal }),
      })
    } catch (error) {
      await this.#effects.markUncertain(effect)
      await this.#settle(effect.tenantId, effect.effectId, LOST)
      throw error
    }
  }

  /** Settles the hold by what is known of the call. Doing it again changes nothing. */
  async #settle(tenantId: string, requestId: string, outcome: ModelOutcome | typeof LOST): Promise<void> {
    const { budget } = this.#options
    if (outcome.kind === 'not-billed') await budget.release({ tenantId, requestId })
    else {
      const totalTokens = outcome.kind === 'answered' ? outcome.totalTokens : null
      await budget.commit({ tenantId, requestId, totalTokens })
    }
  }
}

function failure(code: string, feedback: string, isRemediable: boolean): Reply<never> {
  return { kind: 'failure', code, feedback, isRemediable }
}

function estimateTokens(messages: readonly ChatMessage[]): number {
  const characters = messages.reduce((sum, message) => sum + message.content.length, 0)
  return Math.ceil(characters / CHARACTERS_PER_TOKEN) + MAX_OUTPUT_TOKENS
}
