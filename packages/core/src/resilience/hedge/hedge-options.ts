import {
  requireFunction,
  requireInteger,
  requireMethods,
  requireText,
  withDefaults,
} from '../../errors/index.ts'
import type { Tracer } from '../../observability/index.ts'
import { type Clock, MAX_TIMER_MS, systemClock } from '../../time/index.ts'
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
  readonly maxAttempts?: number | undefined
  /** Judges a failure: a final one ends the call. Default {@link classifyFailure}. */
  readonly classify?: FailureClassifier | undefined
  /** Each further attempt takes a retry out of it, and none joins when there is none left. Default: none. */
  readonly budget?: RetryBudget | undefined
  /** Hears of each attempt that joins, before it begins; what it throws changes nothing. */
  readonly onHedge?: ((notice: HedgeNotice) => void) | undefined
  /** What spans call the policy. Default `hedge`. */
  readonly name?: string | undefined
  /** Gets a span for each call, and one below it for each attempt. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
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

const DEFAULTS = Object.freeze({
  delayMs: undefined,
  maxAttempts: 2,
  classify: classifyFailure,
  budget: undefined,
  onHedge: undefined,
  name: 'hedge',
  tracer: undefined,
  clock: systemClock,
})

/**
 * Checks when to hedge and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveHedgeOptions(options: HedgeOptions): ResolvedHedgeOptions {
  const given = withDefaults(options, DEFAULTS)
  requireInteger('delayMs', given.delayMs, { max: MAX_TIMER_MS })
  requireInteger('maxAttempts', given.maxAttempts, { min: 2, max: 10 })
  requireFunction('classify', given.classify)
  if (given.budget !== undefined) requireMethods('budget', given.budget, ['deposit', 'tryWithdraw'])
  if (given.onHedge !== undefined) requireFunction('onHedge', given.onHedge)
  requireText('name', given.name)
  return { ...given, tracer: heardTracer(given.tracer) }
}
