import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type EffectKey, EffectLedger } from '@golden-arch/core/tasks'
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

const MAX_CALLS = 3
const MAX_OUTPUT_TOKENS = 4000
/** A hold must not be smaller than the prompt: four characters a token is the usual rule, three leaves a margin. */
const CHARACTERS_PER_TOKEN = 3

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

  /** Asks, retrying calls that certainly or possibly failed, and validates the answer. @throws by code, see the ports. */
  async ask<Value>(question: Question<Value>): Promise<Reply<Value>> {
    let problem = ''
    for (let call = 1; call <= MAX_CALLS; call++) {
      const outcome = await this.#call(question, call)
      if (outcome === 'denied') {
        return failure('budget_denied', "The task's budget has no room for another call.", false)
      }
      if (outcome.kind === 'answered') return this.#options.parse(outcome, question.schema)
      problem = outcome.problem
      if (outcome.kind === 'not-billed' && !outcome.isTransient) break
      if (call < MAX_CALLS) {
        const delayMs = (this.#options.retryDelayMs ?? 200) * 2 ** (call - 1)
        await sleep(delayMs, question.signal === undefined ? {} : { signal: question.signal })
      }
    }
    return failure('model_unavailable', problem, false)
  }

  async #call<Value>(question: Question<Value>, call: number): Promise<ModelOutcome | 'denied'> {
    const { tenantId } = question
    const requestId = `${question.taskId}|${question.step}|${question.attempt}|${call}`
    const effect: EffectKey = { tenantId, taskId: question.taskId, effectId: requestId }
    const known = await this.#effects.find<ModelOutcome>(effect)
    if (known.state === 'done') {
      await this.#settle(tenantId, requestId, known.result)
      return known.result
    }
    if (known.state !== 'new') {
      const lost: ModelOutcome = { kind: 'unknown', problem: 'the process ended during the call' }
      if (known.state === 'intended') await this.#effects.markUncertain(effect)
      await this.#settle(tenantId, requestId, lost)
      return lost
    }
    const isGranted = await this.#options.budget.request({
      requestId,
      tenantId,
      projectId: question.projectId,
      taskId: question.rootTaskId,
      agentId: question.agentId,
      tokens: estimateTokens(question.messages),
    })
    if (!isGranted) return 'denied'
    if (!(await this.#effects.intend(effect))) {
      return { kind: 'not-billed', problem: 'another runner makes this call', isTransient: true }
    }
    const outcome = await this.#options.model.complete({
      messages: question.messages,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      headers: {
        'idempotency-key': requestId,
        [STEP_HEADER]: `${question.label}|${question.step}|${question.attempt}|${call}`,
      },
      ...(question.signal === undefined ? {} : { signal: question.signal }),
    })
    await this.#effects.finish(effect, outcome)
    await this.#settle(tenantId, requestId, outcome)
    if (outcome.kind !== 'answered') {
      this.#options.logger.warn({ requestId, problem: outcome.problem }, 'model call failed')
    }
    return outcome
  }

  /** Settles the hold by what is known of the call. Doing it again changes nothing. */
  async #settle(tenantId: string, requestId: string, outcome: ModelOutcome): Promise<void> {
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
