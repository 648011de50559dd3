import type { KnownBy, ThrottleCause } from '../decide-try.ts'
import type { ResolvedSignInLimits } from '../sign-in-limits.ts'

/** Of whom and from where a try is. Keyed digests, so that the store learns no names. */
export interface TryKeys {
  readonly accountKey: string
  readonly addressKey: string
  /** Absent where the caller named no device. */
  readonly deviceKey?: string
}

/** A try that was let through and counts as a failure until it is settled. */
export interface TryReservation {
  readonly reservationId: string
  readonly keys: TryKeys
  readonly knownBy: KnownBy
}

/** Whether a try was let through. */
export type ReserveAnswer =
  | { readonly outcome: 'reserved'; readonly reservation: TryReservation }
  | { readonly outcome: 'refused'; readonly cause: ThrottleCause; readonly retryAfterMs: number }

/**
 * Where failed tries are counted, for all processes that share it. Each call is one step that no other comes between:
 * of a hundred reservations at once no more are let through than of a hundred one after the other.
 */
export interface ThrottleStore {
  /**
   * Decides on a try as `decideTry` does, and counts it as a failure if it is let through.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the adapter's time limit.
   */
  reserve(keys: TryKeys, limits: ResolvedSignInLimits): Promise<ReserveAnswer>
  /**
   * The password was right: the try no longer counts, its origin starts anew, and its address and `deviceKey` are known.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the adapter's time limit.
   */
  succeed(reservation: TryReservation, deviceKey: string, limits: ResolvedSignInLimits): Promise<void>
  /**
   * The password was not looked at: the try no longer counts.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the adapter's time limit.
   */
  release(reservation: TryReservation): Promise<void>
}
