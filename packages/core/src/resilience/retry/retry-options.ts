import {
  requireFlag,
  requireFunction,
  requireInteger,
  requireMethods,
  requireText,
  withDefaults,
} from '../../errors/index.ts'
import { type Metrics, silentMetrics, type Tracer } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import { heardTracer } from '../composition/traced-layer.ts'
import { classifyFailure } from '../failure/classify-failure.ts'
import type { FailureClassifier } from '../failure/failure-verdict.ts'
import { type BackoffOptions, resolveBackoffOptions } from './backoff-options.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { RetryRules } from './retry-decision.ts'

/** A failed attempt that will be followed by another. */
export interface RetryNotice {
  /** Attempts made so far. */
  readonly attempts: number
  /** Milliseconds until the next one. */
  readonly delayMs: number
  readonly error: unknown
}

/** When a failed call is made again. */
export interface RetryOptions {
  /** Attempts, the first one included, 1 to 100. Default 3. */
  readonly maxAttempts?: number | undefined
  /** Pauses between attempts. Default 200 milliseconds, doubling up to 20 seconds, with full jitter. */
  readonly backoff?: BackoffOptions | undefined
  /**
   * Milliseconds from the first attempt after which none begins, 1 to 86400000; a pause that would end later is not
   * begun. How long an attempt runs is for a timeout to bound. Default 120000 (2 minutes).
   */
  readonly maxElapsedMs?: number | undefined
  /**
   * The longest wait asked for by `Retry-After` that is kept, 0 to 86400000 milliseconds; a longer one ends the
   * retrying. Default 60000 (1 minute).
   */
  readonly maxRetryAfterMs?: number | undefined
  /**
   * The longest that an open circuit is waited for, 0 to 86400000 milliseconds; one that stays open for longer ends the
   * retrying. Default 0: it is open so that calls fail at once. Set it where nobody waits for the call.
   */
  readonly maxCircuitWaitMs?: number | undefined
  /**
   * Whether doing the work twice does no harm. If not, only what certainly did nothing is tried again: a refused
   * connection, a refusal by a policy, 408, 425, 429 and 529. Default false.
   */
  readonly isIdempotent?: boolean | undefined
  /** Judges a failure. Default {@link classifyFailure}. */
  readonly classify?: FailureClassifier | undefined
  /** Keeps retries below a share of the traffic. Default: none. */
  readonly budget?: RetryBudget | undefined
  /** Hears of each retry before its pause; what it throws changes nothing. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined
  /** What metrics and spans call the policy. Default `retry`. */
  readonly name?: string | undefined
  /** Where `retries_total` is counted. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Gets a span for each call, and one below it for each attempt after the first. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** A number from 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** A retry with nothing left open. */
export interface ResolvedRetryOptions extends RetryRules {
  readonly classify: FailureClassifier
  readonly budget: RetryBudget | undefined
  readonly onRetry: ((notice: RetryNotice) => void) | undefined
  readonly name: string
  readonly metrics: Metrics
  readonly tracer: Tracer | undefined
  readonly clock: Clock
  readonly random: () => number
}

const DEFAULTS = Object.freeze({
  maxAttempts: 3,
  backoff: {},
  maxElapsedMs: 120_000,
  maxRetryAfterMs: 60_000,
  maxCircuitWaitMs: 0,
  isIdempotent: false,
  classify: classifyFailure,
  budget: undefined,
  onRetry: undefined,
  name: 'retry',
  metrics: silentMetrics,
  tracer: undefined,
  clock: systemClock,
  random: Math.random,
})

/**
 * Checks when to retry and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveRetryOptions(options: RetryOptions): ResolvedRetryOptions {
  const given = withDefaults(options, DEFAULTS)
  requireInteger('maxAttempts', given.maxAttempts, { min: 1, max: 100 })
  requireInteger('maxElapsedMs', given.maxElapsedMs, { min: 1, max: 86_400_000 })
  requireInteger('maxRetryAfterMs', given.maxRetryAfterMs, { max: 86_400_000 })
  requireInteger('maxCircuitWaitMs', given.maxCircuitWaitMs, { max: 86_400_000 })
  requireFlag('isIdempotent', given.isIdempotent)
  requireFunction('classify', given.classify)
  if (given.budget !== undefined) requireMethods('budget', given.budget, ['deposit', 'tryWithdraw'])
  if (given.onRetry !== undefined) requireFunction('onRetry', given.onRetry)
  requireText('name', given.name)
  requireFunction('random', given.random)
  return { ...given, backoff: resolveBackoffOptions(given.backoff), tracer: heardTracer(given.tracer) }
}
