import { exponentialDelayMs } from '../../time/index.ts'
import type { FailureVerdict } from '../failure/failure-verdict.ts'
import type { ResolvedBackoffOptions } from './backoff-options.ts'

/**
 * Why no further attempt is made: the failure is `final`; the work may have been done and is `not-idempotent`; the
 * `attempts` or the time (`deadline`) are used up; who refused asks for a longer wait than allowed (`retry-after`); the
 * retry `budget` is spent.
 */
export type GiveUpReason = 'final' | 'not-idempotent' | 'attempts' | 'deadline' | 'retry-after' | 'budget'

/** What follows a failed attempt. */
export type RetryDecision =
  | { readonly kind: 'retry'; readonly delayMs: number; readonly isTimeout: boolean }
  | { readonly kind: 'give-up'; readonly reason: GiveUpReason }

/** The rules of a retry. */
export interface RetryRules {
  readonly maxAttempts: number
  readonly maxElapsedMs: number
  readonly maxRetryAfterMs: number
  readonly maxCircuitWaitMs: number
  readonly isIdempotent: boolean
  readonly backoff: ResolvedBackoffOptions
}

/** An attempt that failed. */
export interface FailedAttempt {
  /** Attempts made, this one included. */
  readonly attempts: number
  /** Milliseconds since the first attempt began. */
  readonly elapsedMs: number
  readonly verdict: FailureVerdict
}

/**
 * Whether another attempt follows, and after which pause. A wait that was asked for is never cut short: one that is too
 * long ends the retrying. `random` is a number from 0 to 1.
 */
export function decideRetry(failed: FailedAttempt, rules: RetryRules, random: number): RetryDecision {
  const { verdict, attempts, elapsedMs } = failed
  if (verdict.kind === 'final') return giveUp('final')
  if (verdict.wasDone === 'unknown' && !rules.isIdempotent) return giveUp('not-idempotent')
  if (attempts >= rules.maxAttempts) return giveUp('attempts')
  const { retryAfterMs, isTimeout } = verdict
  const capMs = verdict.by === 'policy' ? rules.maxCircuitWaitMs : rules.maxRetryAfterMs
  if (retryAfterMs !== undefined && retryAfterMs > capMs) return giveUp('retry-after')
  // Those who were told the same wait do not come back together.
  const delayMs =
    retryAfterMs === undefined
      ? exponentialDelayMs(attempts, rules.backoff, random)
      : Math.ceil(retryAfterMs) + exponentialDelayMs(1, rules.backoff, random)
  if (elapsedMs + delayMs > rules.maxElapsedMs) return giveUp('deadline')
  return { kind: 'retry', delayMs, isTimeout }
}

function giveUp(reason: GiveUpReason): RetryDecision {
  return { kind: 'give-up', reason }
}
