import { requireInteger, requireObject } from '../../errors/index.ts'
import { MAX_TIMER_MS } from '../../time/index.ts'
import { openWindow } from './call-window.ts'
import { exceedsRate, type RateRuleOptions, resolveRateRule } from './rate-rule.ts'
import type { TripRule } from './trip-rule.ts'

/** What a rule on slow calls is made of. */
export interface SlowCallRateOptions extends RateRuleOptions {
  /** Milliseconds from which a call is slow, whether it succeeds or fails, 1 to 2^31 - 1. */
  readonly slowCallMs: number
}

/**
 * Opens the circuit when a share of the calls in a window was slow, once enough of them are known. A call takes until its
 * promise settles; reading the stream that it may give does not count.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function slowCallRate(options: SlowCallRateOptions): TripRule {
  const { slowCallMs, ...rest } = requireObject('options', options)
  const rule = resolveRateRule(rest)
  requireInteger('slowCallMs', slowCallMs, { min: 1, max: MAX_TIMER_MS })
  return {
    name: 'slow-call-rate',
    open: () => {
      const counts = openWindow(rule.window)
      return {
        record: (_isFailure, durationMs, nowMs) => {
          counts.add(durationMs >= slowCallMs, nowMs)
          return exceedsRate(counts.calls, counts.bad, rule)
        },
        clear: () => counts.clear(),
      }
    },
  }
}
