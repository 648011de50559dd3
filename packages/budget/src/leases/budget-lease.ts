import { requireInteger, requireOneOf, withDefaults } from '@golden-arch/core/errors'
import type { CallOptions, ExtensionOrder } from '../budget-calls.ts'
import type { ExtensionDecision } from '../budget-decision.ts'
import type { Usage } from '../pricing/usage.ts'
import type { HeldReservation } from '../reservation.ts'

/** What is done with a hold when nothing is known of what the call used. */
export type UnknownUsagePolicy = 'hold' | 'release' | 'leave'

/** A hold in the hands of the function that {@link BudgetController.withBudget} runs. */
export interface BudgetLease {
  readonly reservation: HeldReservation
  /** Fires when the caller's own signal does, or when the hold was lost because it could not be extended. */
  readonly signal: AbortSignal
  /**
   * Says what the call used; committed when the function has ended, however it ends. The last word counts.
   * @throws InvalidOptionError `INVALID_OPTION` on bad usage, which then counts as not reported.
   */
  reportUsage(usage: Usage): void
  /**
   * Asks for more of the hold, as a stream does that outgrows its estimate: totals, as in `extend` of the controller.
   * That the hold lives on needs no asking. Where it is denied the hold is as it was; what is used beyond it is
   * charged all the same.
   * @throws as `extend` of the controller.
   */
  extend(more: Omit<ExtensionOrder, 'tenantId' | 'requestId'>): Promise<ExtensionDecision>
  /** Says that the call was certainly never sent, so that the hold goes back. */
  reportNotSent(): void
}

/** How {@link BudgetController.withBudget} runs. */
export interface LeaseOptions extends CallOptions {
  /**
   * What to do when the function reported nothing: `hold` commits the hold as an estimate, `release` gives it back,
   * `leave` lets it expire. Default `'hold'`: a call that may have been made is never free.
   */
  readonly onUnknownUsage?: UnknownUsagePolicy | undefined
  /** Milliseconds between extensions while the function runs, 1 to 86400000. Default half the hold's time to live. */
  readonly extendIntervalMs?: number | undefined
}

/** The values used where none are given. */
const DEFAULT_LEASE_OPTIONS = Object.freeze({
  onUnknownUsage: 'hold',
  extendIntervalMs: undefined,
  signal: undefined,
} as const)

/** Lease options as the code may rely on them. */
export interface ResolvedLeaseOptions {
  readonly onUnknownUsage: UnknownUsagePolicy
  readonly extendIntervalMs: number | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Checks the options of a lease.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function resolveLeaseOptions(options: LeaseOptions): ResolvedLeaseOptions {
  const { onUnknownUsage, extendIntervalMs, signal } = withDefaults(options, DEFAULT_LEASE_OPTIONS)
  return {
    onUnknownUsage: requireOneOf('onUnknownUsage', onUnknownUsage, ['hold', 'release', 'leave']),
    extendIntervalMs:
      extendIntervalMs === undefined
        ? undefined
        : requireInteger('extendIntervalMs', extendIntervalMs, { min: 1, max: 86_400_000 }),
    signal,
  }
}
