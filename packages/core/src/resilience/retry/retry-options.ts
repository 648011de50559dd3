import { InvalidOptionError, requireInteger, requireText } from '../../errors/index.ts'
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
  readonly maxAttempts?: number
  /** Pauses between attempts. Default 200 milliseconds, doubling up to 20 seconds, with full jitter. */
  readonly backoff?: BackoffOptions
  /**
   * Milliseconds from the first attempt after which none begins, 1 to 86400000; a pause that would end later is not
   * begun. How long an attempt runs is for a timeout to bound. Default 120000 (2 minutes).
   */
  readonly maxElapsedMs?: number
  /**
   * The longest wait asked for by `Retry-After` that is kept, 0 to 86400000 milliseconds; a longer one ends the
   * retrying. What our own policies ask for, as an open circuit does, is kept up to `backoff.maxDelayMs`.
   * Default 60000 (1 minute).
   */
  readonly maxRetryAfterMs?: number
  /**
   * Whether doing the work twice does no harm. If not, only what certainly did nothing is tried again: a refused
   * connection, a refusal by a policy, 408, 425, 429 and 529. Default false.
   */
  readonly isIdempotent?: boolean
  /** Judges a failure. Default {@link classifyFailure}. */
  readonly classify?: FailureClassifier
  /** Keeps retries below a share of the traffic. Default none. */
  readonly budget?: RetryBudget
  /** Hears of each retry before its pause; what it throws changes nothing. */
  readonly onRetry?: (notice: RetryNotice) => void
  /** What metrics and spans call the policy. Default `retry`. */
  readonly name?: string
  /** Where `retries_total` is counted. Default nowhere. */
  readonly metrics?: Metrics
  /** Gets a span for each call, and one below it for each attempt after the first. Default: none. */
  readonly tracer?: Tracer
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** A number from 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number
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

/**
 * Checks when to retry and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveRetryOptions(options: RetryOptions): ResolvedRetryOptions {
  const { isIdempotent = false, maxElapsedMs = 120_000, maxRetryAfterMs = 60_000 } = options
  if (typeof isIdempotent !== 'boolean') {
    throw new InvalidOptionError('isIdempotent', 'true or false', isIdempotent)
  }
  return {
    maxAttempts: requireInteger('maxAttempts', options.maxAttempts ?? 3, { min: 1, max: 100 }),
    maxElapsedMs: requireInteger('maxElapsedMs', maxElapsedMs, { min: 1, max: 86_400_000 }),
    maxRetryAfterMs: requireInteger('maxRetryAfterMs', maxRetryAfterMs, { max: 86_400_000 }),
    isIdempotent,
    backoff: resolveBackoffOptions(options.backoff),
    classify: options.classify ?? classifyFailure,
    budget: options.budget,
    onRetry: options.onRetry,
    name: requireText('name', options.name ?? 'retry'),
    metrics: options.metrics ?? silentMetrics,
    tracer: heardTracer(options.tracer),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
}
