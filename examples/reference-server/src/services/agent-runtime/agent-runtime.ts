import { type GoldenError, InvalidOptionError, isGoldenError, requireInteger } from '@golden-arch/core/errors'
import { type Logger, type Metrics, silentMetrics } from '@golden-arch/core/observability'
import { CircuitBreakerRegistry, fallback } from '@golden-arch/core/resilience'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/governance/learning'
import type { AnswerParser } from './answer-parser.ts'
import type { Asking } from './asking.ts'
import type { BudgetGate } from './budget-gate.ts'
import { GuardedModel } from './models/guarded-model.ts'
import { ModelCallError } from './models/model-call-error.ts'
import type { AnsweredCall, ChatMessage, ModelMessage, ModelPort } from './models/model-port.ts'
import { type OpenedCall, PaidCalls, requestIdOf } from './paid-calls.ts'
import type { Question } from './question.ts'
import type { AnsweredBy, Reply } from './reply.ts'
import type { RolePrompts } from './role-prompts.ts'
import type { AgentTool } from './tools/agent-tool.ts'
import { ToolBench } from './tools/tool-bench.ts'

export type { Question, TextPiece } from './question.ts'

/** What an {@link AgentRuntime} is made of. */
export interface AgentRuntimeOptions {
  readonly database: SqlDatabase
  readonly model: ModelPort
  /** Models that answer, in this order, where those before them have given up or their breakers are open. Default none. */
  readonly fallbacks?: readonly ModelPort[]
  readonly budget: BudgetGate
  readonly parse: AnswerParser
  readonly logger: Logger
  /** Default: none. */
  readonly metrics?: Metrics
  /** Where the breaker of each model is, by the model's name. Default: a registry of its own. */
  readonly breakers?: CircuitBreakerRegistry
  /** Default: the prompts that come with the questions. */
  readonly prompts?: RolePrompts
  /** What models may ask for where it is offered. Default none. */
  readonly tools?: readonly AgentTool[]
  /** Those of them, by name, that a question gets which names none itself. Default none. */
  readonly offeredTools?: readonly string[]
  /** Milliseconds of the first pause between calls at most, 1 to 20000; doubled for each further one. Default 200. */
  readonly retryDelayMs?: number
  /** Milliseconds that one call may take, 1 to 3600000. Default 120000 (2 minutes). */
  readonly timeoutMs?: number
  /** Calls to one model at once, 1 to 10000. Default 64. */
  readonly maxConcurrent?: number
  /**
   * Milliseconds that a question waits in all for breakers to let calls through again, where no model is left that may be
   * asked, 0 to 3600000. Default 120000 (2 minutes).
   */
  readonly maxBreakerWaitMs?: number
  /** By which calls time out and pause. Default the system clock. */
  readonly clock?: Clock
}

const MAX_TOOL_TURNS = 8
const MAX_RE_ASKS = 5
const MIN_BREAKER_WAIT_MS = 200

/** Ends of a model's calls that the next model may stand in for. */
const GIVEN_UP: ReadonlySet<string> = new Set([
  'MODEL_CALL_FAILED',
  'CIRCUIT_OPEN',
  'CIRCUIT_ISOLATED',
  'BULKHEAD_FULL',
])

/** Ends of an asking that are a reply; all else is no word on the models. */
const NO_ANSWER: ReadonlySet<string> = new Set([...GIVEN_UP, 'BUDGET_DENIED', 'CALLS_LOST'])

type Answered = { readonly answer: AnsweredCall; readonly by: AnsweredBy }

/**
 * Asks models in the name of agents: budget, bulkhead, retry, breaker, timeout, call, validation, in this order. Each call
 * is paid for by a hold on the task's budget and remembered as an effect: after a crash an answered call is replayed from
 * the ledger, and one whose end is unknown is paid as estimated.
 */
export class AgentRuntime {
  readonly #options: AgentRuntimeOptions
  readonly #models: readonly [GuardedModel, ...GuardedModel[]]
  readonly #calls: PaidCalls
  readonly #tools: ToolBench
  readonly #clock: Clock
  readonly #maxBreakerWaitMs: number

  /** @throws InvalidOptionError `INVALID_OPTION` on a number out of range, or two models of one name. */
  constructor(options: AgentRuntimeOptions) {
    const { database, budget, logger, metrics = silentMetrics, model, fallbacks = [] } = options
    const breakers = options.breakers ?? new CircuitBreakerRegistry({ metrics, logger })
    const bounds = {
      breakers,
      metrics,
      clock: options.clock ?? systemClock,
      timeoutMs: requireInteger('timeoutMs', options.timeoutMs ?? 120_000, { min: 1, max: 3_600_000 }),
      maxConcurrent: requireInteger('maxConcurrent', options.maxConcurrent ?? 64, { min: 1, max: 10_000 }),
      retryDelayMs: requireInteger('retryDelayMs', options.retryDelayMs ?? 200, { min: 1, max: 20_000 }),
    }
    this.#clock = bounds.clock
    this.#maxBreakerWaitMs = requireInteger('maxBreakerWaitMs', options.maxBreakerWaitMs ?? 120_000, {
      max: 3_600_000,
    })
    const names = [model, ...fallbacks].map(({ name }) => name)
    if (new Set(names).size < names.length) {
      throw new InvalidOptionError('fallbacks', 'models of different names', names)
    }
    this.#options = options
    this.#models = [new GuardedModel(model, bounds), ...fallbacks.map((one) => new GuardedModel(one, bounds))]
    this.#calls = new PaidCalls({ database, budget, logger, timeoutMs: bounds.timeoutMs })
    this.#tools = new ToolBench({ database, tools: options.tools ?? [] })
  }

  /**
   * Asks, retrying calls that certainly or possibly failed and passing on to the next model, runs the tools that the model
   * wants, and validates the answer.
   * @throws TaskError `EFFECT_TAKEN` (retryable) where another runner makes the call; TimeError `ABORTED`;
   * InvalidOptionError `INVALID_OPTION`; by code, see the ports.
   */
  async ask<Value>(question: Question<Value>): Promise<Reply<Value>> {
    const maxReAsks = requireInteger('maxReAsks', question.maxReAsks ?? 0, { max: MAX_RE_ASKS })
    const asking = await this.#begin(question)
    try {
      let toolTurns = 0
      const refused = new Set<string>()
      for (;;) {
        const { answer, by } = await this.#callModels(asking)
        if (answer.toolRequests !== undefined && asking.tools.length > 0) {
          if (++toolTurns > MAX_TOOL_TURNS) return tooManyTools(by)
          await this.#useTools(asking, answer, by.call)
          continue
        }
        const reply = { ...this.#options.parse(answer, question.schema), answeredBy: by }
        // The same answer again shows that asking further brings nothing.
        const isOver = refused.has(answer.content) || refused.size === maxReAsks
        if (reply.kind === 'value' || !reply.isRemediable || isOver) return reply
        refused.add(answer.content)
        asking.messages.push({ role: 'user', content: `The last answer was refused:\n${reply.feedback}` })
      }
    } catch (error) {
      if (isGoldenError(error) && NO_ANSWER.has(error.code)) return failureOf(error)
      throw error
    }
  }

  async #begin<Value>(question: Question<Value>): Promise<Asking> {
    const agentRole = question.role ?? roleOf(question.agentId)
    const { tenantId, rootTaskId } = question
    const prompt =
      agentRole === null
        ? null
        : ((await this.#options.prompts?.promptFor({ tenantId, agentRole, rootTaskId })) ?? null)
    return {
      // The schema is used by ask alone; all else reads what does not depend on its type.
      question: question as Question<unknown>,
      agentRole,
      promptVersion: prompt?.version ?? null,
      tools: this.#tools.named(question.tools ?? this.#options.offeredTools ?? []),
      messages: [...(prompt === null ? question.messages : withPrompt(question.messages, prompt.content))],
      calls: 0,
      lostCalls: 0,
    }
  }

  /** An answer of the models; an outage that a breaker has seen is waited for, as the task's other calls would meet it too. */
  async #callModels(asking: Asking): Promise<Answered> {
    const { signal } = asking.question
    const clock = this.#clock
    const startedMs = clock.monotonicMs()
    for (;;) {
      try {
        return await this.#callChain(asking)
      } catch (error) {
        const waitMs = isGoldenError(error, 'CIRCUIT_OPEN') ? waitFor(error) : undefined
        const waitedMs = clock.monotonicMs() - startedMs
        if (waitMs === undefined || waitedMs + waitMs > this.#maxBreakerWaitMs) throw error
        await sleep(waitMs, { clock, ...(signal === undefined ? {} : { signal }) })
      }
    }
  }

  /** An answer of the first model that has one. */
  #callChain(asking: Asking): Promise<Answered> {
    const [first, ...others] = this.#models
    if (others.length === 0) return this.#callModel(asking, first)
    const alternatives = others.map((model) => () => this.#callModel(asking, model))
    const chain = fallback(alternatives, {
      shouldHandle: (error) => isGoldenError(error) && GIVEN_UP.has(error.code),
    })
    return chain.execute(() => this.#callModel(asking, first))
  }

  async #callModel(asking: Asking, model: GuardedModel): Promise<Answered> {
    const { signal, tenantId } = asking.question
    // Who has no budget takes no place in the queue.
    let opened: OpenedCall | undefined = await this.#calls.open(asking, model)
    let running: Promise<unknown> = Promise.resolve()
    const attempt = async (): Promise<Answered> => {
      const call = opened ?? (await this.#calls.open(asking, model))
      opened = undefined
      const outcome = call.kind === 'known' ? call.outcome : await this.#calls.make(call, asking, model)
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
      if (opened !== undefined) await this.#calls.giveBack(opened)
    }
  }

  async #useTools(asking: Asking, answer: AnsweredCall, call: number): Promise<void> {
    const { question, messages } = asking
    const { toolRequests = [], content } = answer
    const allowed = asking.tools.map(({ name }) => name)
    messages.push({ role: 'assistant', content, toolRequests })
    for (const [index, request] of toolRequests.entries()) {
      const effectId = `${requestIdOf(asking, call)}|tool|${index + 1}`
      const { toolCallId, toolName } = request
      const text = await this.#tools.run(request, allowed, effectId, question)
      messages.push({ role: 'tool', toolCallId, toolName, content: text })
    }
  }
}

/** Milliseconds until a breaker may let a call through: no fewer than a probe takes, and not the same for all that wait. */
function waitFor(error: GoldenError): number {
  const { retryAfterMs } = error.details
  return (
    Math.max(typeof retryAfterMs === 'number' ? retryAfterMs : 0, MIN_BREAKER_WAIT_MS) *
    (1 + Math.random() / 4)
  )
}

/** The messages with the governed prompt in the place of the first of the system. */
function withPrompt(messages: readonly ChatMessage[], content: string): readonly ModelMessage[] {
  const rest = messages[0]?.role === 'system' ? messages.slice(1) : messages
  return [{ role: 'system', content }, ...rest]
}

/** `developer` of `developer-1`; null where the id begins with no role. */
function roleOf(agentId: string): AgentRole | null {
  return AGENT_ROLES.find((role) => agentId === role || agentId.startsWith(`${role}-`)) ?? null
}

function tooManyTools(answeredBy: AnsweredBy): Reply<never> {
  const feedback = `The model asked for tools in more than ${MAX_TOOL_TURNS} answers and gave none of its own.`
  return { kind: 'failure', code: 'tool-limit', feedback, isRemediable: true, answeredBy }
}

function failureOf(error: GoldenError): Reply<never> {
  const isDenied = error.code === 'BUDGET_DENIED'
  const { retryAfterMs } = error.details
  return {
    kind: 'failure',
    code: isDenied ? 'budget-denied' : 'model-unavailable',
    feedback: error.message,
    isRemediable: false,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  }
}
