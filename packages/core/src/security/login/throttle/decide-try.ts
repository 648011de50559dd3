import type { ResolvedSignInLimits } from './sign-in-limits.ts'

/**
 * Why a try is refused before the password is looked at: its origin has to wait, the account takes tries from known
 * origins only, or the address has failed too often.
 */
export type ThrottleCause = 'origin-delay' | 'account-lock' | 'address-limit'

/** How an origin is known from an earlier success: by the device, by the address alone, or not at all. */
export type KnownBy = 'device' | 'address' | 'nothing'

/** What counts against a try. The instants are milliseconds, ascending, those of the window only. */
export interface TryHistory {
  /** Tries of this account from this origin. */
  readonly originAt: readonly number[]
  /** Tries of this account from origins that were not known. */
  readonly accountAt: readonly number[]
  /** Tries from this address, of all accounts. */
  readonly addressAt: readonly number[]
  readonly knownBy: KnownBy
}

/** Whether a try may go on to the password. */
export type TryDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly cause: ThrottleCause; readonly retryAfterMs: number }

/** Decides on a try at `nowMs` by what counts against it; the try itself is not in the history yet. */
export function decideTry(history: TryHistory, limits: ResolvedSignInLimits, nowMs: number): TryDecision {
  const { originAt, accountAt, addressAt, knownBy } = history
  const { windowMs, addressFailures, accountFailures } = limits
  if (knownBy !== 'device' && addressAt.length >= addressFailures)
    return refused('address-limit', leavesIn(addressAt, addressFailures, windowMs, nowMs))
  if (knownBy === 'nothing' && accountAt.length >= accountFailures)
    return refused('account-lock', leavesIn(accountAt, accountFailures, windowMs, nowMs))
  const waitMs = originDelayMs(originAt.length, limits)
  // Without a failure there is no wait.
  const lastAt = originAt.at(-1) ?? nowMs
  // A clock that was set back makes nobody wait for longer than the delay.
  const restMs = Math.min(lastAt + waitMs - nowMs, waitMs)
  return restMs > 0 ? refused('origin-delay', restMs) : { allowed: true }
}

/** Milliseconds that must lie between an origin's last failure and its next try, after so many failures. */
export function originDelayMs(failures: number, limits: ResolvedSignInLimits): number {
  const over = failures - limits.freeFailures
  if (over < 0) return 0
  // 2^40 exceeds every maximum; the bound keeps the power finite.
  return Math.min(limits.firstDelayMs * 2 ** Math.min(over, 40), limits.maxDelayMs)
}

/** Milliseconds until fewer than `limit` of the instants are within the window. */
function leavesIn(instants: readonly number[], limit: number, windowMs: number, nowMs: number): number {
  const oldest = instants[instants.length - limit] ?? nowMs
  return Math.min(oldest + windowMs - nowMs, windowMs)
}

function refused(cause: ThrottleCause, retryAfterMs: number): TryDecision {
  return { allowed: false, cause, retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) }
}
