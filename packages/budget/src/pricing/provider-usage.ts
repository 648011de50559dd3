import type { ModelUsage } from './model-usage.ts'

type Count = number | null | undefined

/** The part of OpenAI's usage that matters here: of Chat Completions, of Responses, and of what is compatible. */
export interface OpenAiUsage {
  readonly prompt_tokens?: Count
  readonly completion_tokens?: Count
  readonly total_tokens?: Count
  readonly prompt_tokens_details?: OpenAiInputDetails | null | undefined
  readonly completion_tokens_details?: OpenAiOutputDetails | null | undefined
  readonly input_tokens?: Count
  readonly output_tokens?: Count
  readonly input_tokens_details?: OpenAiInputDetails | null | undefined
  readonly output_tokens_details?: OpenAiOutputDetails | null | undefined
}

/** Details of OpenAI's input tokens. */
export interface OpenAiInputDetails {
  readonly cached_tokens?: Count
  readonly cache_write_tokens?: Count
}

/** Details of OpenAI's output tokens. */
export interface OpenAiOutputDetails {
  readonly reasoning_tokens?: Count
}

/** The part of the usage of Anthropic's Messages API that matters here. */
export interface AnthropicUsage {
  readonly input_tokens?: Count
  readonly output_tokens?: Count
  readonly cache_read_input_tokens?: Count
  readonly cache_creation_input_tokens?: Count
}

/** The part of the usage of the AI SDK, from its version 6 on, that matters here. */
export interface AiSdkUsage {
  readonly inputTokens?: Count
  readonly outputTokens?: Count
  readonly inputTokenDetails?: AiSdkInputDetails | undefined
  readonly outputTokenDetails?: AiSdkOutputDetails | undefined
}

/** Details of the AI SDK's input tokens. */
export interface AiSdkInputDetails {
  readonly cacheReadTokens?: Count
  readonly cacheWriteTokens?: Count
}

/** Details of the AI SDK's output tokens. */
export interface AiSdkOutputDetails {
  readonly reasoningTokens?: Count
}

/** The part of the `usage_metadata` of LangChain's messages, in its version 1, that matters here. */
export interface LangChainUsage {
  readonly input_tokens?: Count
  readonly output_tokens?: Count
  readonly total_tokens?: Count
  readonly input_token_details?: LangChainInputDetails | undefined
  readonly output_token_details?: LangChainOutputDetails | undefined
}

/** Details of LangChain's input tokens. */
export interface LangChainInputDetails {
  readonly cache_read?: Count
  readonly cache_creation?: Count
}

/** Details of LangChain's output tokens. */
export interface LangChainOutputDetails {
  readonly reasoning?: Count
}

/**
 * Usage as OpenAI reports it. Its input counts the cached tokens; its output counts the reasoning, save where
 * `total_tokens` shows that a compatible provider put the reasoning beside it.
 * One count that makes no sense makes all of it unknown. Throws nothing.
 */
export function usageFromOpenAi(usage: OpenAiUsage | null | undefined): ModelUsage {
  const given = usage ?? {}
  const read = readCounts({
    inputTokens: given.prompt_tokens ?? given.input_tokens,
    cachedReadTokens: (given.prompt_tokens_details ?? given.input_tokens_details)?.cached_tokens,
    cachedWriteTokens: (given.prompt_tokens_details ?? given.input_tokens_details)?.cache_write_tokens,
    outputTokens: given.completion_tokens ?? given.output_tokens,
    reasoningTokens: (given.completion_tokens_details ?? given.output_tokens_details)?.reasoning_tokens,
  })
  return { ...read, inputIncludesCached: true, outputIncludesReasoning: !isBeside(read, given.total_tokens) }
}

/**
 * Usage as Anthropic's Messages API reports it: its input leaves the cached tokens out. Of a stream, pass the counts
 * of the last `message_delta` over those of `message_start`.
 * One count that makes no sense makes all of it unknown. Throws nothing.
 */
export function usageFromAnthropic(usage: AnthropicUsage | null | undefined): ModelUsage {
  const read = readCounts({
    inputTokens: usage?.input_tokens,
    cachedReadTokens: usage?.cache_read_input_tokens,
    cachedWriteTokens: usage?.cache_creation_input_tokens,
    outputTokens: usage?.output_tokens,
  })
  return { ...read, inputIncludesCached: false, outputIncludesReasoning: true }
}

/**
 * Usage as the AI SDK reports it, from its version 6 on: totals count the cached and the reasoning tokens.
 * One count that makes no sense makes all of it unknown. Throws nothing.
 */
export function usageFromAiSdk(usage: AiSdkUsage | null | undefined): ModelUsage {
  const read = readCounts({
    inputTokens: usage?.inputTokens,
    cachedReadTokens: usage?.inputTokenDetails?.cacheReadTokens,
    cachedWriteTokens: usage?.inputTokenDetails?.cacheWriteTokens,
    outputTokens: usage?.outputTokens,
    reasoningTokens: usage?.outputTokenDetails?.reasoningTokens,
  })
  return { ...read, inputIncludesCached: true, outputIncludesReasoning: true }
}

/**
 * Usage as the messages of LangChain carry it, in its version 1: totals count the cached tokens, and the reasoning, save where
 * `total_tokens` shows that it stands beside the output. Output that is left out is what `total_tokens` leaves for it: an
 * output of nothing is not always written.
 * One count that makes no sense makes all of it unknown. Throws nothing.
 */
export function usageFromLangChain(usage: LangChainUsage | null | undefined): ModelUsage {
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage ?? {}
  const isTotalKnown = typeof input === 'number' && typeof total === 'number'
  const read = readCounts({
    inputTokens: input,
    cachedReadTokens: usage?.input_token_details?.cache_read,
    cachedWriteTokens: usage?.input_token_details?.cache_creation,
    outputTokens: output ?? (isTotalKnown ? total - input : undefined),
    reasoningTokens: usage?.output_token_details?.reasoning,
  })
  return { ...read, inputIncludesCached: true, outputIncludesReasoning: !isBeside(read, total) }
}

/** Whether the reasoning is counted beside the output, as some providers do and their total shows. */
function isBeside({ inputTokens = 0, outputTokens = 0, reasoningTokens = 0 }: Counts, total: Count): boolean {
  return reasoningTokens > 0 && total === inputTokens + outputTokens + reasoningTokens
}

type Counts = Pick<
  ModelUsage,
  'inputTokens' | 'cachedReadTokens' | 'cachedWriteTokens' | 'outputTokens' | 'reasoningTokens'
>

// The call has been made by then: throwing would leave its hold to expire, and to guess would charge a wrong sum.
function readCounts(given: { readonly [Name in keyof Counts]: Count }): Counts {
  const counts = Object.entries(given).filter(([, value]) => value !== null && value !== undefined)
  return counts.every(([, value]) => Number.isSafeInteger(value) && Number(value) >= 0)
    ? Object.fromEntries(counts)
    : {}
}
