import { type GoldenError, InvalidOptionError, isGoldenError, requireInteger } from '@golden-arch/core/errors'
import {
  type Counter,
  type Logger,
  METRICS,
  type Metrics,
  silentMetrics,
} from '@golden-arch/core/observability'
import { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { AnswerParser } from './answer-parser.ts'
import type { Asking } from './asking.ts'
import type { BudgetGate } from './budget-gate.ts'
import { GIVEN_UP, ModelChain } from './model-chain.ts'
import { GuardedModel } from './models/guarded-model.ts'
import type { AnsweredCall, ChatMessage, ModelMessage, ModelPort } from './models/model-port.ts'
import { PaidCalls, requestIdOf } from './paid-calls.ts'
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

/** Ends of an asking that are a reply; all else is no word on the models. */
const NO_ANSWER: ReadonlySet<string> = new Set([...GIVEN_UP, 'BUDGET_DENIED', 'CALLS_LOST'])

/**
 * Asks models in the name of agents: budget, bulkhead, retry, breaker, timeout, call, validation, in this order. Each call
 * is paid for by a hold on the task's budget and remembered as an effect: after a crash an answered call is replayed from
 * the ledger, and one whose end is unknown is paid as estimated.
 */
export class AgentRuntime {
  readonly #options: AgentRuntimeOptions
  readonly #models: ModelChain
  readonly #tools: ToolBench
  readonly #attempts: Counter

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
    const maxBreakerWaitMs = requireInteger('maxBreakerWaitMs', options.maxBreakerWaitMs ?? 120_000, {
      max: 3_600_000,
    })
    const names = [model, ...fallbacks].map(({ name }) => name)
    if (new Set(names).size < names.length) {
      throw new InvalidOptionError('fallbacks', 'models of different names', names)
    }
    this.#options = options
    this.#attempts = metrics.counter(METRICS.llmAttempts)
    this.#models = new ModelChain({
      models: [new GuardedModel(model, bounds), ...fallbacks.map((one) => new GuardedModel(one, bounds))],
      calls: new PaidCalls({ database, budget, logger, timeoutMs: bounds.timeoutMs }),
      clock: bounds.clock,
      maxBreakerWaitMs,
    })
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
    const reply = await this.#askFor(question, asking, maxReAsks)
    if (asking.calls > 0) {
      this.#attempts.increment({ outcome: reply.kind === 'value' ? 'value' : reply.code }, asking.calls)
    }
    return reply
  }

  async #askFor<Value>(question: Question<Value>, asking: Asking, maxReAsks: number): Promise<Reply<Value>> {
    try {
      let toolTurns = 0
      const refused = new Set<string>()
      for (;;) {
        const { answer, by } = await this.#models.answer(asking)
        if (answer.toolRequests !== undefined && asking.tools.length > 0) {
          if (++toolTurns > MAX_TOOL_TURNS) return tooManyTools(by)
          await this.#letToolsWork(asking, answer, by.call)
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
    const agentRole = question.role === undefined ? roleOf(question.agentId) : question.role
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

  async #letToolsWork(asking: Asking, answer: AnsweredCall, call: number): Promise<void> {
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
  const { retryAfterMs } = error
  return {
    kind: 'failure',
    code: isDenied ? 'budget-denied' : 'model-unavailable',
    feedback: error.message,
    isRemediable: false,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}
