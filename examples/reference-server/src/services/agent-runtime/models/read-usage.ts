import { type ModelUsage, usageFromAiSdk, usageFromOpenAi } from '@golden-arch/budget'
import type { LanguageModelUsage } from 'ai'

/** More than any call can use: a count beyond it is not believed, and the call is paid as estimated. */
const MAX_CALL_TOKENS = 10_000_000

/** What a provider said of a call's tokens. */
export interface ReadUsage {
  /** Null: unknown. */
  readonly totalTokens: number | null
  /** Absent: not all parts are known, or they do not make up the total. */
  readonly usage?: ModelUsage
}

const UNKNOWN: ReadUsage = Object.freeze({ totalTokens: null })

/** The usage of an answer through the AI SDK: the total that the provider named, or else its parts together. */
export function readUsage(usage: LanguageModelUsage): ReadUsage {
  return usageOf(usageFromAiSdk(usage), totalIn(usage.raw))
}

/** The usage in the body of an OpenAI-compatible answer that is no answer otherwise. */
export function usageInBody(body: unknown): ReadUsage {
  const usage = fieldIn(body, 'usage')
  if (typeof usage !== 'object' || usage === null) return UNKNOWN
  return usageOf(usageFromOpenAi(usage), totalIn(usage))
}

function usageOf(parts: ModelUsage, named: number | undefined): ReadUsage {
  const { inputTokens, outputTokens, reasoningTokens = 0, outputIncludesReasoning = true } = parts
  const isWhole = inputTokens !== undefined && outputTokens !== undefined
  const sum = isWhole
    ? inputTokens + outputTokens + (outputIncludesReasoning ? 0 : reasoningTokens)
    : undefined
  const totalTokens = named ?? sum
  if (totalTokens === undefined || totalTokens > MAX_CALL_TOKENS) return UNKNOWN
  const details = (parts.cachedReadTokens ?? 0) + (parts.cachedWriteTokens ?? 0)
  const isConsistent =
    isWhole &&
    sum === totalTokens &&
    details <= inputTokens &&
    (!outputIncludesReasoning || reasoningTokens <= outputTokens)
  return isConsistent ? { totalTokens, usage: parts } : { totalTokens }
}

function totalIn(usage: unknown): number | undefined {
  const total = fieldIn(usage, 'total_tokens')
  return Number.isSafeInteger(total) && Number(total) >= 0 ? Number(total) : undefined
}

function fieldIn(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  // Any object may be asked for any name; what comes back is checked by the caller.
  return (value as Readonly<Record<string, unknown>>)[name]
}
