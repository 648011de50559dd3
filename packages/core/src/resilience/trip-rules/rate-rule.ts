import { InvalidOptionError, requireInteger, withDefaults } from '../../errors/index.ts'
import { type CallWindow, requireCallWindow } from './call-window.ts'

/** What a rule on a share of calls is made of. */
export interface RateRuleOptions {
  /** The share of calls that opens the circuit, above 0 and up to 1. Default 0.5. */
  readonly rate?: number | undefined
  /** Over which calls the share is taken. Default the last 100 calls. */
  readonly window?: CallWindow | undefined
  /** Calls in the window below which the rule says nothing, 1 to 100000, not above `window.calls`. Default 10, or `window.calls` if that is less. */
  readonly minimumCalls?: number | undefined
}

/** What a rule on a share of calls may rely on. */
export interface RateRule {
  readonly rate: number
  readonly window: CallWindow
  readonly minimumCalls: number
}

const DEFAULT_WINDOW: CallWindow = Object.freeze({ calls: 100 })
const DEFAULTS = Object.freeze({ rate: 0.5, window: DEFAULT_WINDOW, minimumCalls: undefined })
const DEFAULT_MINIMUM_CALLS = 10

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveRateRule(options: RateRuleOptions): RateRule {
  const { rate, ...given } = withDefaults(options, DEFAULTS)
  if (typeof rate !== 'number' || !(rate > 0 && rate <= 1)) {
    throw new InvalidOptionError('rate', 'a number above 0 and up to 1', rate)
  }
  const window = requireCallWindow(given.window)
  const max = 'calls' in window ? window.calls : 100_000
  const minimumCalls = given.minimumCalls ?? Math.min(DEFAULT_MINIMUM_CALLS, max)
  return { rate, window, minimumCalls: requireInteger('minimumCalls', minimumCalls, { min: 1, max }) }
}

/** Whether so many bad calls among so many open the circuit. */
export function exceedsRate(calls: number, bad: number, rule: RateRule): boolean {
  return calls >= rule.minimumCalls && bad / calls >= rule.rate
}
