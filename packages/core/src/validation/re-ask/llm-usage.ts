/** The tokens that a model call used, as far as its provider said. */
export interface LlmUsage {
  readonly inputTokens?: number | undefined
  /** Input read from the provider's cache. */
  readonly cachedReadTokens?: number | undefined
  /** Input written to the provider's cache. */
  readonly cachedWriteTokens?: number | undefined
  readonly outputTokens?: number | undefined
  /** Output spent on reasoning. */
  readonly reasoningTokens?: number | undefined
}

/** The tokens of several calls. A count that no call gave is 0. */
export interface LlmUsageTotal {
  readonly inputTokens: number
  readonly cachedReadTokens: number
  readonly cachedWriteTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** Calls that said nothing of their input or their output: the real sums are higher by theirs. */
  readonly unknownCalls: number
}

const NO_USAGE: LlmUsageTotal = Object.freeze({
  inputTokens: 0,
  cachedReadTokens: 0,
  cachedWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  unknownCalls: 0,
})

/** Sums up calls. What is no integer from 0 to 2^53 - 1 counts as not said. */
export function sumUsage(calls: readonly (LlmUsage | undefined)[]): LlmUsageTotal {
  return calls.reduce<LlmUsageTotal>((sum, usage) => {
    const isKnown = isCount(usage?.inputTokens) && isCount(usage?.outputTokens)
    return {
      inputTokens: sum.inputTokens + count(usage?.inputTokens),
      cachedReadTokens: sum.cachedReadTokens + count(usage?.cachedReadTokens),
      cachedWriteTokens: sum.cachedWriteTokens + count(usage?.cachedWriteTokens),
      outputTokens: sum.outputTokens + count(usage?.outputTokens),
      reasoningTokens: sum.reasoningTokens + count(usage?.reasoningTokens),
      unknownCalls: sum.unknownCalls + (isKnown ? 0 : 1),
    }
  }, NO_USAGE)
}

function isCount(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && (value ?? -1) >= 0
}

function count(value: number | undefined): number {
  return isCount(value) ? value : 0
}
