import type { LlmUsage } from '../validation/index.ts'
import type { AiSdkOutputUsage } from './ai-sdk-model.ts'

/** What a call used in the words of the AI SDK. Models that are made by hand may leave parts of it out. */
export type GivenUsage =
  | { readonly [Side in keyof AiSdkOutputUsage]?: Partial<AiSdkOutputUsage[Side]> }
  | undefined

/** The same in the words of the validator. */
export function llmUsageOf(usage: GivenUsage): LlmUsage {
  const { inputTokens, outputTokens } = usage ?? {}
  return {
    inputTokens: inputTokens?.total,
    cachedReadTokens: inputTokens?.cacheRead,
    cachedWriteTokens: inputTokens?.cacheWrite,
    outputTokens: outputTokens?.total,
    reasoningTokens: outputTokens?.reasoning,
  }
}

/** What several calls used. A count that one of them did not tell is not known of all: a sum must not be too low. */
export function sumAiSdkUsage(calls: readonly GivenUsage[]): AiSdkOutputUsage {
  const sum = (count: (usage: GivenUsage) => number | undefined): number | undefined =>
    calls.reduce<number | undefined>((total, usage) => {
      const counted = count(usage)
      return total === undefined || counted === undefined ? undefined : total + counted
    }, 0)
  return {
    inputTokens: {
      total: sum((usage) => usage?.inputTokens?.total),
      noCache: sum((usage) => usage?.inputTokens?.noCache),
      cacheRead: sum((usage) => usage?.inputTokens?.cacheRead),
      cacheWrite: sum((usage) => usage?.inputTokens?.cacheWrite),
    },
    outputTokens: {
      total: sum((usage) => usage?.outputTokens?.total),
      text: sum((usage) => usage?.outputTokens?.text),
      reasoning: sum((usage) => usage?.outputTokens?.reasoning),
    },
  }
}
