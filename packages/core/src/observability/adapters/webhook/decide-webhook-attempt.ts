import { type ExponentialDelay, exponentialDelayMs } from '../../../time/index.ts'

/** What one attempt came to: the receiver's status, or no answer. */
export type WebhookAnswer =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: 'no-answer' }

/** What follows from it. */
export type WebhookDecision =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'dropped'; readonly reason: 'refused' | 'attempts-exhausted' }

/** How attempts are paced. */
export interface WebhookRetryRules extends ExponentialDelay {
  readonly maxAttempts: number
}

/**
 * Decides after the attempt of number `attempt` (1 or more). A receiver that refuses for good (4xx, save 408, 425 and
 * 429) or redirects is not asked again; `Retry-After` in seconds is heeded up to the maximal delay. `random` is a number from 0 to 1.
 */
export function decideWebhookAttempt(
  answer: WebhookAnswer,
  attempt: number,
  rules: WebhookRetryRules,
  random: number,
): WebhookDecision {
  if (answer.kind === 'status') {
    if (answer.status >= 200 && answer.status < 300) return { kind: 'delivered' }
    if (!isTemporary(answer.status)) return { kind: 'dropped', reason: 'refused' }
  }
  if (attempt >= rules.maxAttempts) return { kind: 'dropped', reason: 'attempts-exhausted' }
  const spreadMs = exponentialDelayMs(attempt, rules, random)
  const askedMs = answer.kind === 'status' ? secondsOf(answer.retryAfter) * 1000 : 0
  return { kind: 'retry', delayMs: Math.min(Math.max(spreadMs, askedMs), rules.maxDelayMs) }
}

function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

function secondsOf(retryAfter: string | null): number {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : 0
}
