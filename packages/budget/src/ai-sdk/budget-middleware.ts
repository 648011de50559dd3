import { requireFunction, withDefaults } from '@golden-arch/core/errors'
import { askModel } from '../model-calls/ask-model.ts'
import {
  type CallEstimate,
  type CallHoldOptions,
  DEFAULT_CALL_HOLDS,
  type ResolvedCallHoldOptions,
  requireCallHolds,
} from '../model-calls/call-hold-options.ts'
import { requestOfCall } from '../model-calls/call-request.ts'
import { jsonBytes } from '../model-calls/json-bytes.ts'
import { reportUsage } from '../model-calls/report-usage.ts'
import { runStreamedCall, type StreamedCallOptions, type UsageMeter } from '../model-calls/streamed-call.ts'
import type { ModelUsage } from '../pricing/model-usage.ts'
import { usageFromAiSdk } from '../pricing/provider-usage.ts'
import type { AiSdkBudgetMiddleware, AiSdkCall, AiSdkModelUsage } from './ai-sdk-model.ts'

/** What {@link budgetMiddleware} is made of. */
export interface BudgetMiddlewareOptions extends CallHoldOptions<AiSdkCall> {
  /**
   * The most that a call may use. Undefined: the input by the bytes of prompt and tools, the output by the limit that
   * the call sets.
   */
  readonly estimate?: ((call: AiSdkCall) => CallEstimate | undefined) | undefined
}

/** The values used where none are given. */
const DEFAULT_BUDGET_MIDDLEWARE_OPTIONS = Object.freeze({
  ...DEFAULT_CALL_HOLDS,
  estimate: undefined,
} as const)

/**
 * A middleware for `wrapLanguageModel` of the AI SDK, versions 6 and 7, that pays for each call of a model: tokens are held
 * before it, what the model says it used is committed, of a stream by the time its reader sees the end, and the hold
 * goes back where the model was not asked. Each attempt of the SDK's own retry has a hold of its own. A call that the
 * budget has no room for throws BudgetError `BUDGET_EXHAUSTED`, which the SDK does not try again.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function budgetMiddleware(options: BudgetMiddlewareOptions): AiSdkBudgetMiddleware {
  const holds = withDefaults(options, DEFAULT_BUDGET_MIDDLEWARE_OPTIONS)
  requireCallHolds(holds)
  const { estimate } = holds
  if (estimate !== undefined) requireFunction('estimate', estimate)
  const { budget, onUnknownUsage, maxCallMs, clock } = holds
  const around = (call: AiSdkCall): StreamedCallOptions => {
    const most = estimate?.(call) ?? estimateOf(call, holds)
    return {
      budget,
      onUnknownUsage,
      maxCallMs,
      clock,
      request: requestOfCall(holds, call, most, call.modelId),
      signal: call.params.abortSignal,
    }
  }
  return {
    specificationVersion: 'v3',
    wrapGenerate: async ({ params, model }) =>
      runStreamedCall(around({ modelId: model.modelId, params }), async (lease, abortSignal) => {
        const whole = await askModel(lease, clock, () => model.doGenerate({ ...params, abortSignal }))
        reportUsage(lease, usageOf(whole.usage))
        return { whole }
      }),
    wrapStream: async ({ params, model }) =>
      runStreamedCall(around({ modelId: model.modelId, params }), async (lease, abortSignal) => {
        const result = await askModel(lease, clock, () => model.doStream({ ...params, abortSignal }))
        const { stream } = result
        return {
          streamed: { stream, meter: partMeter(), with: (watched) => ({ ...result, stream: watched }) },
        }
      }),
  }
}

/** The last part of a stream tells what was used. */
function partMeter(): UsageMeter<{ readonly type: string }> {
  let usage: ModelUsage | undefined
  return {
    push: (part) => {
      // Parts of this type have it, in all versions of the SDK that are spoken to.
      if (part.type === 'finish') usage = usageOf((part as unknown as { usage?: AiSdkModelUsage }).usage)
    },
    end: () => usage,
  }
}

/** Models that are made by hand may leave parts of it out: the call was made by then, and what it used is not known. */
function usageOf(usage: Partial<AiSdkModelUsage> | undefined): ModelUsage {
  const { inputTokens, outputTokens } = usage ?? {}
  return usageFromAiSdk({
    inputTokens: inputTokens?.total,
    outputTokens: outputTokens?.total,
    inputTokenDetails: { cacheReadTokens: inputTokens?.cacheRead, cacheWriteTokens: inputTokens?.cacheWrite },
    outputTokenDetails: { reasoningTokens: outputTokens?.reasoning },
  })
}

function estimateOf(
  { params: { prompt, tools, maxOutputTokens } }: AiSdkCall,
  bounds: Pick<ResolvedCallHoldOptions<AiSdkCall>, 'bytesPerToken' | 'maxOutputTokens'>,
): CallEstimate {
  return {
    inputTokens: Math.ceil(jsonBytes({ prompt, tools }) / bounds.bytesPerToken),
    maxOutputTokens: maxOutputTokens ?? bounds.maxOutputTokens,
  }
}
