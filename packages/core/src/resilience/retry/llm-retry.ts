import { requireObject } from '../../errors/index.ts'
import { classifyLlmFailure } from '../failure/classify-llm-failure.ts'
import { type RetryPolicy, retry } from './retry.ts'
import type { RetryOptions } from './retry-options.ts'

/**
 * A retry for model calls: judges failures by {@link classifyLlmFailure}, holds a repetition for harmless (it costs
 * money and nothing else), and pauses 500 milliseconds, doubling up to 20 seconds. Each option can be given otherwise.
 * Set the `maxRetries` of the SDK to 0, or the attempts multiply. For streams see `startStream`.
 */
export function llmRetry(options: RetryOptions = {}): RetryPolicy {
  const { name, classify, isIdempotent, backoff } = requireObject('options', options)
  return retry({
    ...options,
    name: name ?? 'llm-retry',
    classify: classify ?? classifyLlmFailure,
    isIdempotent: isIdempotent ?? true,
    backoff: { ...backoff, initialDelayMs: backoff?.initialDelayMs ?? 500 },
  })
}
