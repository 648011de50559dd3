import { requireFunction, withDefaults } from '@golden-arch/core/errors'
import { askModel } from '../model-calls/ask-model.ts'
import {
  type CallEstimate,
  type CallHoldOptions,
  DEFAULT_CALL_HOLDS,
  requireCallHolds,
} from '../model-calls/call-hold-options.ts'
import { requestOfCall } from '../model-calls/call-request.ts'
import { reportUsage } from '../model-calls/report-usage.ts'
import { runStreamedCall } from '../model-calls/streamed-call.ts'
import { usageFromLangChain } from '../pricing/provider-usage.ts'
import { estimateCall, modelNameOf } from './estimate-call.ts'
import type {
  LangChainAnswer,
  LangChainBudgetMiddleware,
  LangChainModelCall,
} from './langchain-model-call.ts'

/** What {@link budgetMiddleware} is made of. `Context` is what the agent's `contextSchema` says of `runtime.context`. */
export interface BudgetMiddlewareOptions<Context = unknown>
  extends CallHoldOptions<LangChainModelCall<Context>> {
  /**
   * The most that a call may use. Undefined: the input by the bytes of messages and tools, the output by the limit that
   * the model has.
   */
  readonly estimate?: ((call: LangChainModelCall<Context>) => CallEstimate | undefined) | undefined
}

/** The values used where none are given. */
const DEFAULT_BUDGET_MIDDLEWARE_OPTIONS = Object.freeze({
  ...DEFAULT_CALL_HOLDS,
  estimate: undefined,
} as const)

/**
 * What `createMiddleware` of LangChain 1 takes to make a middleware that pays for each call of an agent's model: tokens are
 * held before it, what the answer says it used is committed, and the hold goes back where the model was not asked. A call
 * that the budget has no room for throws BudgetError `BUDGET_EXHAUSTED`; LangChain gives it as the `cause` of its own
 * error. Put it last, next to the model: each attempt of a retry or a fallback before it then has a hold of its own.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function budgetMiddleware<Context = unknown>(
  options: BudgetMiddlewareOptions<Context>,
): LangChainBudgetMiddleware<Context> {
  const holds = withDefaults(options, DEFAULT_BUDGET_MIDDLEWARE_OPTIONS)
  requireCallHolds(holds)
  const { estimate } = holds
  if (estimate !== undefined) requireFunction('estimate', estimate)
  const { budget, onUnknownUsage, maxCallMs, clock } = holds
  return {
    name: 'GoldenArchBudget',
    wrapModelCall: async (call, handler) => {
      const most = estimate?.(call) ?? estimateCall(call, holds)
      const request = requestOfCall(holds, call, most, modelNameOf(call.model))
      const around = { budget, onUnknownUsage, maxCallMs, clock, request, signal: call.runtime.signal }
      return runStreamedCall(around, async (lease) => {
        const whole = await askModel(lease, clock, () => handler(call), failureIn)
        reportUsage(lease, usageFromLangChain(usageOf(whole)))
        return { whole }
      })
    },
  }
}

/** An agent that is asked for an object answers with that and its messages, of which the first is the model's. */
function usageOf(answer: LangChainAnswer): LangChainAnswer['usage_metadata'] {
  return answer.usage_metadata ?? answer.messages?.[0]?.usage_metadata
}

/** Wrappers in wrappers: more of them than an agent has middlewares. */
const MAX_DEPTH = 100

/** LangChain wraps what was thrown, once for each middleware that it passes; the answer of a provider has a status. */
function failureIn(error: unknown): unknown {
  let one = error
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (!(one instanceof Error) || 'status' in one || 'statusCode' in one || one.cause === undefined)
      return one
    one = one.cause
  }
  return error
}
