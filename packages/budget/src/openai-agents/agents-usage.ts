import { fieldsOf, usageOfAnswer } from '../fetch/answer-usage.ts'
import type { UsageMeter } from '../model-calls/streamed-call.ts'
import type { ModelUsage } from '../pricing/model-usage.ts'
import { usageFromOpenAi } from '../pricing/provider-usage.ts'
import type { AgentsStreamEvent, AgentsUsage } from './agents-model.ts'

/** The usage of an answer. Where nothing was told the SDK writes zeros, and no call has an input of no tokens. */
export function usageOfAgents(usage: Partial<AgentsUsage> | undefined): ModelUsage | undefined {
  const { inputTokens = 0, outputTokens = 0, totalTokens } = usage ?? {}
  if (inputTokens === 0 && outputTokens === 0) return undefined
  const input = detailsOf(usage?.inputTokensDetails)
  const output = detailsOf(usage?.outputTokensDetails)
  return usageFromOpenAi({
    input_tokens: inputTokens === 0 ? undefined : inputTokens,
    output_tokens: outputTokens,
    total_tokens: totalTokens,
    input_tokens_details: {
      cached_tokens: input('cached_tokens'),
      cache_write_tokens: input('cache_write_tokens'),
    },
    output_tokens_details: { reasoning_tokens: output('reasoning_tokens') },
  })
}

/** A meter for the events of a stream. */
export function eventMeter(): UsageMeter<AgentsStreamEvent> {
  let usage: ModelUsage | undefined
  return {
    push: (event) => {
      usage = usageOfEvent(event) ?? usage
    },
    end: () => usage,
  }
}

function usageOfEvent({ type, response, event }: AgentsStreamEvent): ModelUsage | undefined {
  // Each count in it is looked at before it is believed.
  if (type === 'response_done') return usageOfAgents(fieldsOf(fieldsOf(response)?.usage))
  if (type !== 'model') return undefined
  // Of an answer that ended otherwise than well the SDK throws, and what the provider sent is all that tells its usage.
  const sent = fieldsOf(event)
  const isUnsuccessful = sent?.type === 'response.incomplete' || sent?.type === 'response.failed'
  const answer = isUnsuccessful ? fieldsOf(sent.response) : undefined
  return answer === undefined ? undefined : usageOfAnswer(answer)
}

function detailsOf(details: AgentsUsage['inputTokensDetails']): (name: string) => number {
  const all = [details ?? []].flat()
  return (name) => all.reduce((sum, one) => sum + (one?.[name] ?? 0), 0)
}
