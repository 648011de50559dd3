import type { BudgetLevel, BudgetScope } from './budget-scope.ts'
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
  /** Tokens left there; negative where the budget is overdrawn. */
  readonly availableTokens: number
  readonly limitTokens: number
}

/** The answer to a request for tokens. */
export type BudgetDecision = GrantedDecision | DeniedDecision

/** A reservation that was committed or released. */
export interface Settlement {
  readonly reservation: Reservation
  /** Whether it had been settled in this very way before, so that nothing changed now. */
  readonly isReplay: boolean
}
