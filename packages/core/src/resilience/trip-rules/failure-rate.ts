import { openWindow } from './call-window.ts'
import { exceedsRate, type RateRuleOptions, resolveRateRule } from './rate-rule.ts'
import type { TripRule } from './trip-rule.ts'

/**
 * Opens the circuit when a share of the calls in a window failed, once enough of them are known.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function failureRate(options: RateRuleOptions = {}): TripRule {
  const rule = resolveRateRule(options)
  return {
    name: 'failure-rate',
    open: () => {
      const counts = openWindow(rule.window)
      return {
        record: (isFailure, _durationMs, nowMs) => {
          counts.add(isFailure, nowMs)
          return exceedsRate(counts.calls, counts.bad, rule)
        },
        clear: () => counts.clear(),
      }
    },
  }
}
