import type { BudgetLevel, BudgetScope } from './budget-scope.ts'
import type { Money } from './pricing/money.ts'
import type { HeldReservation, Reservation } from './reservation.ts'

/** The tokens are held: go on with the call. */
export type GrantedDecision =
  | { readonly status: 'granted'; readonly isReplay: false; readonly reservation: HeldReservation }
  | {
      readonly status: 'granted'
      /** The same request was granted before; nothing was held again. */
      readonly isReplay: true
      /** As it is now: it may be settled already. */
      readonly reservation: Reservation
    }

/** There is no room: nothing is held and nothing is remembered, so that asking again is decided anew. */
export interface DeniedDecision {
  readonly status: 'denied'
  /** The widest scope that lacks room. */
  readonly scope: BudgetScope
  readonly level: BudgetLevel
  /** What it lacks. */
  readonly unit: 'tokens' | 'money'
  /**
   * Tokens left there; negative where the budget is overdrawn, null where it does not limit tokens. It can be as many as
   * were asked for, where they are kept for a larger request that was denied again and again.
   */
  readonly availableTokens: number | null
  readonly limitTokens: number | null
  /** The money that was asked for, of a call to a model by its price, of an extension what it adds; null: none. */
  readonly requestedMoney: Money | null
  /** Money left there; null where it does not limit money. */
  readonly availableMoney: Money | null
  readonly limitMoney: Money | null
  /** When that budget starts again from nothing; null: never. */
  readonly resetsAt: Date | null
}

/** The answer to a request for tokens. */
export type BudgetDecision = GrantedDecision | DeniedDecision

/** The answer to an extension: the hold as it is now, or why it could not grow; then it is as it was. */
export type ExtensionDecision =
  | { readonly status: 'extended'; readonly reservation: HeldReservation }
  | DeniedDecision

/** A reservation that was committed or released. */
export interface BudgetSettlement {
  readonly reservation: Reservation
  /** Whether it had been settled in this very way before, so that nothing changed now. */
  readonly isReplay: boolean
}
