import type { Listener } from '@golden-arch/core/observability'
import type { BudgetState } from '../budget-state.ts'
import type {
  CommittedReservation,
  ExpiredReservation,
  HeldReservation,
  LateReservation,
  ReleasedReservation,
} from '../reservation.ts'

/** What a controller tells its listeners, by name; each is told once, when it is certain. */
export interface BudgetEventMap {
  /** A request was granted for the first time. */
  readonly 'budget.reserved': { readonly reservation: HeldReservation }
  readonly 'budget.committed': { readonly reservation: CommittedReservation }
  readonly 'budget.released': { readonly reservation: ReleasedReservation }
  /** A hold that nobody settled was given back. */
  readonly 'budget.expired': { readonly reservation: ExpiredReservation | LateReservation }
  /** Usage was charged after the hold had expired. */
  readonly 'budget.late': { readonly reservation: LateReservation }
  /** Use reached a percentage of a limit, for the first time in the period. */
  readonly 'budget.softLimitReached': { readonly state: BudgetState; readonly percent: number }
  /** A request was denied for want of room, for the first time since the limit or the period changed. */
  readonly 'budget.exhausted': {
    readonly state: BudgetState
    /** Grows with each change of the limit. */
    readonly limitVersion: number
    readonly requestedTokens: number
  }
}

/** The name of an event. */
export type BudgetEventType = keyof BudgetEventMap

/** One event, with when it happened. */
export type BudgetEvent = {
  readonly [Type in BudgetEventType]: {
    readonly type: Type
    readonly at: Date
    readonly data: BudgetEventMap[Type]
  }
}[BudgetEventType]

/** Hears of events after the change they tell of has been stored. */
export type BudgetListener<Type extends BudgetEventType> = Listener<BudgetEventMap, Type>
