import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import type { UsageBasis } from '../reservation.ts'

/**
 * The tokens that one model call used, as far as its provider said. Without `inputTokens` or `outputTokens` the usage
 * is not known and the hold is settled by policy; a detail that is left out counts as none.
 */
export interface ModelUsage {
  /** 0 to 2^53 - 1, as is every count here. */
  readonly inputTokens?: number | undefined
  /** Input read from the provider's cache. */
  readonly cachedReadTokens?: number | undefined
  /** Input written to the provider's cache. */
  readonly cachedWriteTokens?: number | undefined
  readonly outputTokens?: number | undefined
  /** Output spent on reasoning. */
  readonly reasoningTokens?: number | undefined
  /** Whether `inputTokens` counts the cached ones too. Default true; false for Anthropic's own API. */
  readonly inputIncludesCached?: boolean | undefined
  /** Whether `outputTokens` counts the reasoning too. Default true. */
  readonly outputIncludesReasoning?: boolean | undefined
}

/** The tokens of a call, each in exactly one part, so that none is billed twice. */
export interface UsageParts {
  readonly uncachedInput: number
  readonly cachedRead: number
  readonly cachedWrite: number
  /** Output that is not reasoning. */
  readonly answer: number
  readonly reasoning: number
  /** All parts together. */
  readonly total: number
  /** `estimate`: something is missing or contradicts itself, and the parts hold only what is known. */
  readonly basis: UsageBasis
}

/**
 * Parts usage so that each token counts once. Details that exceed the total they belong to make it an estimate.
 * @throws InvalidOptionError `INVALID_OPTION` naming the field on a count that is no integer from 0 to 2^53 - 1, on a
 * flag that is no boolean, and where all together pass 2^53 - 1.
 */
export function partUsage(usage: ModelUsage): UsageParts {
  if (typeof usage !== 'object' || usage === null) throw new InvalidOptionError('usage', 'an object', usage)
  const cachedRead = count(usage, 'cachedReadTokens') ?? 0
  const cachedWrite = count(usage, 'cachedWriteTokens') ?? 0
  const reasoning = count(usage, 'reasoningTokens') ?? 0
  const input = withoutDetails(
    count(usage, 'inputTokens'),
    cachedRead + cachedWrite,
    flag(usage, 'inputIncludesCached'),
  )
  const isReasoningIncluded = flag(usage, 'outputIncludesReasoning')
  const output = withoutDetails(count(usage, 'outputTokens'), reasoning, isReasoningIncluded)
  const total = input.rest + cachedRead + cachedWrite + output.rest + reasoning
  if (!Number.isSafeInteger(total)) {
    throw new InvalidOptionError('usage', 'at most 2^53 - 1 tokens in all', total)
  }
  return {
    uncachedInput: input.rest,
    cachedRead,
    cachedWrite,
    answer: output.rest,
    reasoning,
    total,
    basis: input.isKnown && output.isKnown ? 'actual' : 'estimate',
  }
}

interface Rest {
  readonly rest: number
  readonly isKnown: boolean
}

function withoutDetails(total: number | undefined, details: number, isIncluded: boolean): Rest {
  if (total === undefined) return { rest: 0, isKnown: false }
  if (!isIncluded) return { rest: total, isKnown: true }
  return { rest: Math.max(0, total - details), isKnown: details <= total }
}

function count(usage: ModelUsage, field: keyof ModelUsage): number | undefined {
  const value = usage[field]
  return value === undefined ? undefined : requireInteger(`usage.${field}`, value)
}

/** What is no boolean says nothing of how the counts are to be read, and a wrong reading bills tokens twice or never. */
function flag(usage: ModelUsage, field: 'inputIncludesCached' | 'outputIncludesReasoning'): boolean {
  const value: unknown = usage[field] ?? true
  if (typeof value === 'boolean') return value
  throw new InvalidOptionError(`usage.${field}`, 'a boolean', value)
}
