import type { RateLimit } from './rate-limit.ts'

/**
 * Who decided: `redis` or `memory`, the limiter that was asked; `deny-cache`, a denial remembered for up to a second;
 * `degraded`, `closed` or `open`, this process alone by the policy on loss.
 */
export type RateLimitSource = 'redis' | 'memory' | 'deny-cache' | 'degraded' | 'closed' | 'open'

/** Whether a call is admitted, and what its caller may do next. */
export interface RateLimitDecision {
  /** Whether the call may go on. A call that may not is not counted. */
  readonly allowed: boolean
  /** Calls that may be admitted in any window: the limit as it was given. */
  readonly limit: number
  /** Calls that would be admitted now, after this one. */
  readonly remaining: number
  /** Whole milliseconds until one call more would be admitted than now; on a denial the same as `retryAfterMs`. */
  readonly resetMs: number
  /** Whole milliseconds until a call would be admitted; 0 on an admitted one. */
  readonly retryAfterMs: number
  /** Who decided. */
  readonly source: RateLimitSource
}

/** Counts calls and says which may go on. */
export interface RateLimiter {
  /**
   * Asks for one call of `key`. Give a key the same limit each time: keys that differ in their limit are different keys.
   * @throws InvalidOptionError `INVALID_OPTION` on a key or limit out of range; StorageError `KEY_VALUE_UNAVAILABLE`
   * (retryable) where the limiter's store gives no answer and nobody else decides in its place.
   */
  consume(key: string, limit: RateLimit): Promise<RateLimitDecision>
}

/** How calls are counted: `sliding-log` exactly, `gcra` with one number for a key. */
export type RateLimitAlgorithm = 'sliding-log' | 'gcra'
