import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import type { Reservation, UsageBasis } from './reservation.ts'

/** What a call used: its total, 0 to 2^53 - 1 tokens, or `unknown`, which settles as the tokens held and marks it so. */
export type Usage = { readonly totalTokens: number } | 'unknown'

/** Usage as the code may rely on it. */
export interface ResolvedUsage {
  /** Undefined: as many as were held. */
  readonly usedTokens: number | undefined
  readonly usageBasis: UsageBasis
}

/**
 * Checks reported usage.
 * @throws InvalidOptionError `INVALID_OPTION` naming the field, the rule and the value.
 */
export function resolveUsage(usage: Usage): ResolvedUsage {
  if (usage === 'unknown') return { usedTokens: undefined, usageBasis: 'estimate' }
  if (typeof usage !== 'object' || usage === null) {
    throw new InvalidOptionError('usage', "an object with totalTokens, or 'unknown'", usage)
  }
  return { usedTokens: requireInteger('usage.totalTokens', usage.totalTokens), usageBasis: 'actual' }
}

/** Whether the reservation was committed with this very usage. */
export function isCommittedWith(reservation: Reservation, usage: ResolvedUsage): boolean {
  if (reservation.status !== 'committed' && reservation.status !== 'late') return false
  return (
    reservation.usageBasis === usage.usageBasis &&
    reservation.usedTokens === (usage.usedTokens ?? reservation.tokens)
  )
}
