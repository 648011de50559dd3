import type { ResolvedBudgetRequest } from '../budget-request.ts'
import type { BudgetRow } from '../ledger/budget-row.ts'
import type { ReservationRow } from '../ledger/reservation-row.ts'
import type { ResolvedUsage } from '../pricing/usage.ts'
import type { Reservation } from '../reservation.ts'

/** More of a hold: absolute ends, so that a repeat changes nothing. Null: as it is. */
export interface ExtensionStep {
  readonly kind: 'extend'
  readonly ttlMs: number | null
  readonly tokens: number | null
  readonly micros: number | null
}

/** One thing to do with one reservation, checked and ready for the ledger. */
export type BudgetStep =
  | { readonly kind: 'request'; readonly request: ResolvedBudgetRequest; readonly isAged: boolean }
  | { readonly kind: 'commit'; readonly usage: ResolvedUsage; readonly isCapped: boolean }
  | { readonly kind: 'release' }
  | { readonly kind: 'expire' }
  | ExtensionStep

/** Why the ledger refused a request or an extension; `budget` is the level that did. */
export interface RefusedAnswer {
  readonly kind: 'no_room' | 'currency_mismatch' | 'price_missing'
  readonly budget: BudgetRow
  /** What was left there; undefined where the unit is not limited. */
  readonly roomTokens: number | undefined
  readonly roomMicros: number | undefined
  /** Whether holds that are due to expire stand in the way. */
  readonly isReclaimable: boolean
}

/** What the ledger answered to a {@link BudgetStep}. */
export type BudgetAnswer =
  | {
      readonly kind: 'done'
      readonly isReplay: boolean
      readonly reservation: Reservation
      /** Set where the hold expired in this very step, not before. */
      readonly isExpiredNow?: true
    }
  /** The id is known and nothing was changed; undefined: it is not known. */
  | { readonly kind: 'existing'; readonly row: ReservationRow | undefined }
  | { readonly kind: 'no_budget' }
  | RefusedAnswer

/** Whether one of two steps on the same reservation can take the other's answer. */
export function isSameStep(left: BudgetStep, right: BudgetStep): boolean {
  switch (left.kind) {
    case 'request':
      return (
        right.kind === 'request' &&
        left.request.kindKey === right.request.kindKey &&
        left.request.tokens === right.request.tokens &&
        left.request.micros === right.request.micros &&
        left.request.ttlMs === right.request.ttlMs
      )
    case 'commit':
      return (
        right.kind === 'commit' &&
        left.isCapped === right.isCapped &&
        left.usage.tokens === right.usage.tokens &&
        left.usage.micros === right.usage.micros &&
        left.usage.basis === right.usage.basis
      )
    case 'extend':
      return (
        right.kind === 'extend' &&
        left.ttlMs === right.ttlMs &&
        left.tokens === right.tokens &&
        left.micros === right.micros
      )
    default:
      return left.kind === right.kind
  }
}
