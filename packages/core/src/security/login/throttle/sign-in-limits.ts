import { type Complete, requireInteger, withDefaults } from '../../../errors/index.ts'

/**
 * How many tries to sign in may fail. All limits are for any window of `windowMs`, and pass by themselves. An origin is
 * an account as tried from one address or known device.
 */
export interface SignInLimits {
  /** Milliseconds for which a failed try counts, 1000 to 86400000. Default 900000 (15 minutes). */
  readonly windowMs?: number | undefined
  /** Failures of one origin before it has to wait between tries, 1 to 100. Default 5. */
  readonly freeFailures?: number | undefined
  /** Milliseconds of the first wait of an origin, doubled with each further failure, 1 to 86400000. Default 1000. */
  readonly firstDelayMs?: number | undefined
  /** Milliseconds of the longest wait of an origin, `firstDelayMs` to 86400000. Default 900000 (15 minutes). */
  readonly maxDelayMs?: number | undefined
  /**
   * Failures of one account from all origins where it never succeeded, after which only origins with an earlier success
   * are let through, 1 to 10000. Default 10.
   */
  readonly accountFailures?: number | undefined
  /** Failures of one address over all accounts, 1 to 10000; devices with an earlier success are let through. Default 30. */
  readonly addressFailures?: number | undefined
  /** Milliseconds for which a success makes its origin known, 1000 to 31536000000. Default 7776000000 (90 days). */
  readonly knownOriginMs?: number | undefined
}

/** Limits with their defaults filled in. */
export type ResolvedSignInLimits = Complete<SignInLimits>

const DAY_MS = 86_400_000

const DEFAULT_SIGN_IN_LIMITS: ResolvedSignInLimits = Object.freeze({
  windowMs: 900_000,
  freeFailures: 5,
  firstDelayMs: 1000,
  maxDelayMs: 900_000,
  accountFailures: 10,
  addressFailures: 30,
  knownOriginMs: 90 * DAY_MS,
})

/** @throws InvalidOptionError `INVALID_OPTION` on a limit out of its range. */
export function resolveSignInLimits(limits: SignInLimits = {}): ResolvedSignInLimits {
  const all = withDefaults<SignInLimits, ResolvedSignInLimits>(limits, DEFAULT_SIGN_IN_LIMITS, 'limits.')
  requireInteger('limits.windowMs', all.windowMs, { min: 1000, max: DAY_MS })
  requireInteger('limits.freeFailures', all.freeFailures, { min: 1, max: 100 })
  requireInteger('limits.firstDelayMs', all.firstDelayMs, { min: 1, max: DAY_MS })
  requireInteger('limits.maxDelayMs', all.maxDelayMs, { min: all.firstDelayMs, max: DAY_MS })
  requireInteger('limits.accountFailures', all.accountFailures, { min: 1, max: 10_000 })
  requireInteger('limits.addressFailures', all.addressFailures, { min: 1, max: 10_000 })
  requireInteger('limits.knownOriginMs', all.knownOriginMs, { min: 1000, max: 365 * DAY_MS })
  return Object.freeze(all)
}
