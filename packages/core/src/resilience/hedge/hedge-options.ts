import { requireInteger, requireText } from '../../errors/index.ts'
import type { Tracer } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import { heardTracer } from '../composition/traced-layer.ts'
import { classifyFailure } from '../failure/classify-failure.ts'
import type { FailureClassifier } from '../failure/failure-verdict.ts'
import type { RetryBudget } from '../retry/retry-budget.ts'

/** An attempt that joins a call. */
export interface HedgeNotice {
  /** Attempts begun so far, this one included: 2 or more. */
  readonly attempts: number
  /** Why it joins: no answer came within the delay, or an attempt failed. */
  readonly reason: 'slow' | 'failed'
}

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
  /** Hears of each attempt that joins, before it begins; what it throws changes nothing. */
  readonly onHedge?: (notice: HedgeNotice) => void
  /** What spans call the policy. Default `hedge`. */
  readonly name?: string
  /** Gets a span for each call, and one below it for each attempt. Default: none. */
  readonly tracer?: Tracer
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
}

/** A hedge with nothing left open. */
export interface ResolvedHedgeOptions {
  readonly delayMs: number
  readonly maxAttempts: number
  readonly classify: FailureClassifier
  readonly budget: RetryBudget | undefined
  readonly onHedge: ((notice: HedgeNotice) => void) | undefined
  readonly name: string
  readonly tracer: Tracer | undefined
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
    onHedge: options.onHedge,
    name: requireText('name', options.name ?? 'hedge'),
    tracer: heardTracer(options.tracer),
    clock: options.clock ?? systemClock,
  }
}
