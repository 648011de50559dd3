import {
  type Complete,
  InvalidOptionError,
  isGoldenError,
  requireFunction,
  withDefaults,
} from '@golden-arch/core/errors'
import type { BudgetLease } from '../leases/budget-lease.ts'
import { askModel } from '../model-calls/ask-model.ts'
import {
  type CallEstimate,
  type CallHoldOptions,
  DEFAULT_CALL_HOLDS,
  requireCallHolds,
} from '../model-calls/call-hold-options.ts'
import { requestOfCall } from '../model-calls/call-request.ts'
import { jsonBytes } from '../model-calls/json-bytes.ts'
import { type CallStart, runStreamedCall } from '../model-calls/streamed-call.ts'
import type {
  AgentsCall,
  AgentsModel,
  AgentsModelRequest,
  AgentsModelResponse,
  AgentsStreamEvent,
} from './agents-model.ts'
import { eventMeter, usageOfAgents } from './agents-usage.ts'
import { begunStream } from './begun-stream.ts'
import { withMembers } from './with-members.ts'

/** How the calls of agents are held and settled. */
export interface AgentsHoldOptions extends CallHoldOptions<AgentsCall> {
  /**
   * The most that a call may use. Undefined: the input by the bytes of instructions, input, tools and output type, the
   * output by `maxTokens` of the model settings. What a provider keeps of a conversation (`previousResponseId`,
   * `conversationId`) or of a prompt template is not in those bytes: say it here.
   */
  readonly estimate?: ((call: AgentsCall) => CallEstimate | undefined) | undefined
}

/** What {@link budgetModel} is made of. */
export interface BudgetModelOptions extends AgentsHoldOptions {
  /** The name by which calls are priced; needed with `hold: 'price'`. Default: none. */
  readonly modelId?: string | undefined
}

/** The values used where none are given. */
const DEFAULT_AGENTS_HOLDS = Object.freeze({ ...DEFAULT_CALL_HOLDS, estimate: undefined } as const)
const DEFAULT_BUDGET_MODEL_OPTIONS = Object.freeze({ ...DEFAULT_AGENTS_HOLDS, modelId: '' } as const)

/** Options as the code may rely on them. */
export type ResolvedAgentsHoldOptions = Complete<AgentsHoldOptions, 'estimate'>

/**
 * A model of the OpenAI Agents SDK that pays for each of its calls: tokens are held before it, what the model says it used
 * is committed, of a stream by the time its reader sees the end, and the hold goes back where the model was not asked.
 * Each attempt of the runner's own retry has a hold of its own. A call that the budget has no room for throws
 * BudgetError `BUDGET_EXHAUSTED`, and its retry advice is not to repeat it. All other members are the model's own.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function budgetModel<Model extends AgentsModel>(model: Model, options: BudgetModelOptions): Model {
  if (typeof model?.getResponse !== 'function') throw new InvalidOptionError('model', 'a model', model)
  const { modelId, ...holds } = withDefaults(options, DEFAULT_BUDGET_MODEL_OPTIONS)
  if (typeof modelId !== 'string') throw new InvalidOptionError('modelId', 'a text', modelId)
  return payingModel(model, modelId, resolveAgentsHoldOptions(holds))
}

/**
 * Checks the options and fills in their defaults.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function resolveAgentsHoldOptions(options: AgentsHoldOptions): ResolvedAgentsHoldOptions {
  const holds = withDefaults(options, DEFAULT_AGENTS_HOLDS)
  requireCallHolds(holds)
  if (holds.estimate !== undefined) requireFunction('estimate', holds.estimate)
  return holds
}

/** `model` with its calls paid for, under the name that it has with its provider. */
export function payingModel<Model extends AgentsModel>(
  model: Model,
  modelId: string,
  holds: ResolvedAgentsHoldOptions,
): Model {
  const { budget, onUnknownUsage, maxCallMs, clock } = holds
  const pay = <Item, Answer>(
    request: AgentsModelRequest,
    ask: (lease: BudgetLease, request: AgentsModelRequest) => Promise<CallStart<Item, Answer>>,
  ): Promise<Answer> => {
    const call = { modelId, request }
    const most = holds.estimate?.(call) ?? estimateOf(request, holds)
    const options = {
      budget,
      onUnknownUsage,
      maxCallMs,
      clock,
      request: requestOfCall(holds, call, most, modelId),
      signal: request.signal,
    }
    return runStreamedCall(options, (lease, signal) => ask(lease, { ...request, signal }))
  }
  const paid: AgentsModel = {
    getResponse: async (request) =>
      pay<never, AgentsModelResponse>(request, async (lease, own) => {
        const whole = await askModel(lease, clock, () => model.getResponse(own))
        const usage = usageOfAgents(whole.usage)
        if (usage !== undefined) lease.reportUsage(usage)
        return { whole }
      }),
    async *getStreamedResponse(request) {
      yield* await pay<AgentsStreamEvent, ReadableStream<AgentsStreamEvent>>(request, async (lease, own) => {
        const stream = await askModel(lease, clock, () => begunStream(model.getStreamedResponse(own)))
        return { streamed: { stream, meter: eventMeter(), with: (watched) => watched } }
      })
    },
    getRetryAdvice: (failed) => adviceOnRefusal(failed.error) ?? model.getRetryAdvice?.(failed),
  }
  return withMembers(model, { ...paid })
}

/** A denied call was never sent, so repeating it is safe, and of no use. */
function adviceOnRefusal(error: unknown): object | undefined {
  if (!isGoldenError(error, 'BUDGET_EXHAUSTED')) return undefined
  return { suggested: false, replaySafety: 'safe', reason: error.message }
}

function estimateOf(request: AgentsModelRequest, holds: ResolvedAgentsHoldOptions): CallEstimate {
  const { systemInstructions, input, prompt, tools, handoffs, outputType, modelSettings } = request
  const bytes = jsonBytes({ systemInstructions, input, prompt, tools, handoffs, outputType })
  return {
    inputTokens: Math.ceil(bytes / holds.bytesPerToken),
    maxOutputTokens: modelSettings.maxTokens ?? holds.maxOutputTokens,
  }
}
