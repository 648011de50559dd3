import {
  type Complete,
  requireInteger,
  requireNumber,
  requireOneOf,
  withDefaults,
} from '../../errors/index.ts'
import type { Jitter } from '../../time/index.ts'

/** How long to pause between attempts. */
export interface BackoffOptions {
  /** Bound of the pause after the first failure, 1 to 3600000 milliseconds. Default 200. */
  readonly initialDelayMs?: number | undefined
  /** Bound of any pause, `initialDelayMs` to 86400000 milliseconds. Default 20000 (20 seconds). */
  readonly maxDelayMs?: number | undefined
  /** What each further failure multiplies the bound by, 1 to 10. Default 2. */
  readonly factor?: number | undefined
  /** Which part of the pause is random. Default `full`. */
  readonly jitter?: Jitter | undefined
}

/** Pauses with nothing left open. */
export type ResolvedBackoffOptions = Complete<BackoffOptions>

/** What is used where nothing is given. */
export const DEFAULT_BACKOFF_OPTIONS: ResolvedBackoffOptions = Object.freeze({
  initialDelayMs: 200,
  maxDelayMs: 20_000,
  factor: 2,
  jitter: 'full',
})

const JITTERS: readonly Jitter[] = ['full', 'equal', 'none']

/**
 * Checks how to pause and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveBackoffOptions(options: BackoffOptions = {}): ResolvedBackoffOptions {
  const resolved = withDefaults<BackoffOptions, ResolvedBackoffOptions>(
    options,
    DEFAULT_BACKOFF_OPTIONS,
    'backoff.',
  )
  const { initialDelayMs, factor } = resolved
  requireInteger('backoff.initialDelayMs', initialDelayMs, { min: 1, max: 3_600_000 })
  requireInteger('backoff.maxDelayMs', resolved.maxDelayMs, { min: initialDelayMs, max: 86_400_000 })
  requireNumber('backoff.factor', factor, { min: 1, max: 10 })
  requireOneOf('backoff.jitter', resolved.jitter, JITTERS)
  return resolved
}
