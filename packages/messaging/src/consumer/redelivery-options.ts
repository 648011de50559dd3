import { type Complete, InvalidOptionError, requireInteger, withDefaults } from '@golden-arch/core/errors'
import { exponentialDelayMs } from '@golden-arch/core/time'

/** How often a handler is started for one message, and how long the pauses are. */
export interface RedeliveryOptions {
  /** Starts of the handler, the first one included, 1 to 1000. Default 5. */
  readonly maxAttempts?: number | undefined
  /** Bound of the pause after a first failure, 1 to 3600000 milliseconds; it doubles with each. Default 500. */
  readonly initialDelayMs?: number | undefined
  /** Bound of any pause, `initialDelayMs` to 86400000 milliseconds. Default 60000 (1 minute). */
  readonly maxDelayMs?: number | undefined
  /**
   * Times that a message may come again because its handler threw an error that says when to come again, `retryAfterMs`, such
   * as `CIRCUIT_OPEN` or `SANDBOX_RATE_LIMITED`, before such a start counts as an attempt, 0 to 10000. Default 100. Always 0 for a
   * consumer that counts deliveries alone.
   */
  readonly maxPostponements?: number | undefined
}

/** Options with nothing left open. */
export type ResolvedRedeliveryOptions = Complete<RedeliveryOptions>

/** What is used where nothing is given. */
export const DEFAULT_REDELIVERY_OPTIONS = {
  maxAttempts: 5,
  initialDelayMs: 500,
  maxDelayMs: 60_000,
  maxPostponements: 100,
} as const

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveRedeliveryOptions(options: RedeliveryOptions = {}): ResolvedRedeliveryOptions {
  const resolved = withDefaults(options, DEFAULT_REDELIVERY_OPTIONS)
  requireInteger('maxAttempts', resolved.maxAttempts, { min: 1, max: 1000 })
  requireInteger('initialDelayMs', resolved.initialDelayMs, { min: 1, max: 3_600_000 })
  requireInteger('maxDelayMs', resolved.maxDelayMs, { min: 1, max: 86_400_000 })
  requireInteger('maxPostponements', resolved.maxPostponements, { min: 0, max: 10_000 })
  if (resolved.maxDelayMs < resolved.initialDelayMs) {
    const rule = `at least initialDelayMs (${resolved.initialDelayMs})`
    throw new InvalidOptionError('maxDelayMs', rule, resolved.maxDelayMs)
  }
  return resolved
}

/**
 * Milliseconds to wait after `failures` starts (1 or more): anything from 0 to a bound that doubles from the initial
 * delay up to the maximum, so that messages which failed together do not come back together ("full jitter" in the AWS
 * Architecture Blog's article on exponential backoff). `random` is a number from 0 to 1.
 */
export function retryDelayMs(failures: number, options: ResolvedRedeliveryOptions, random: number): number {
  const { initialDelayMs, maxDelayMs } = options
  return exponentialDelayMs(failures, { initialDelayMs, maxDelayMs, jitter: 'full' }, random)
}
