import { requireInteger } from '../../errors/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import { classifyFailure } from '../failure/classify-failure.ts'
import type { FailureClassifier } from '../failure/failure-verdict.ts'
import type { RetryBudget } from '../retry/retry-budget.ts'

/** When further attempts join a call that has not answered. */
export interface HedgeOptions {
  /** Milliseconds without an answer after which another attempt joins, 0 to 2147483647: about the 95th percentile. */
  readonly delayMs: number
  /** Attempts, the first one included, and so in flight at once at most, 2 to 10. Default 2. */
  readonly maxAttempts?: number
  /** Judges a failure: a final one ends the call. Default {@link classifyFailure}. */
  readonly classify?: FailureClassifier
  /** Each further attempt takes a retry out of it, and none joins when there is none left. Default none. */
  readonly budget?: RetryBudget
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
}

/** A hedge with nothing left open. */
export interface ResolvedHedgeOptions {
  readonly delayMs: number
  readonly maxAttempts: number
  readonly classify: FailureClassifier
  readonly budget: RetryBudget | undefined
  readonly clock: Clock
}

/**
 * Checks when to hedge and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveHedgeOptions(options: HedgeOptions): ResolvedHedgeOptions {
  return {
    delayMs: requireInteger('delayMs', options.delayMs, { max: 2 ** 31 - 1 }),
    maxAttempts: requireInteger('maxAttempts', options.maxAttempts ?? 2, { min: 2, max: 10 }),
    classify: options.classify ?? classifyFailure,
    budget: options.budget,
    clock: options.clock ?? systemClock,
  }
}
