import type { BudgetScope } from './budget-scope.ts'
import type { Money } from './pricing/money.ts'

/** What every reservation holds, whatever became of it. */
export interface ReservationFacts {
  /** With the tenant of `scope`, the address of the reservation. */
  readonly requestId: string
  /** Who asked, for what: the ids of the request. */
  readonly scope: BudgetScope
  /** Tokens held: as asked, or more after an extension. */
  readonly tokens: number
  /** Money held. Absent: none. */
  readonly cost?: Money
  /** The model that the request named. */
  readonly model?: string
  /** Milliseconds from `heldAt` to `expiresAt` as asked. */
  readonly ttlMs: number
  readonly heldAt: Date
  /** From this instant on the hold may be given back, and a commit is late. */
  readonly expiresAt: Date
}

/** `actual`: usage as reported; `estimate`: usage unknown, settled as what was held. */
export type UsageBasis = 'actual' | 'estimate'

/** What was charged in the end. */
export interface SettledUsage {
  /** Tokens charged. */
  readonly usedTokens: number
  /** Money charged. Absent: none was held. */
  readonly usedCost?: Money
  readonly usageBasis: UsageBasis
  /** Tokens used beyond those held, charged or (where overruns are capped) not; 0 where the hold sufficed. */
  readonly overrunTokens: number
  /** Tokens reported and not charged, because overruns are capped. Absent: none. */
  readonly unchargedTokens?: number
  readonly committedAt: Date
}

/** Tokens are set aside, to be committed or released. */
export interface HeldReservation extends ReservationFacts {
  readonly status: 'held'
}

/** The call was made and its usage charged. */
export interface CommittedReservation extends ReservationFacts, SettledUsage {
  readonly status: 'committed'
}

/** The call was not made; the hold went back. */
export interface ReleasedReservation extends ReservationFacts {
  readonly status: 'released'
  readonly releasedAt: Date
}

/** Nobody settled it in time; the hold went back. */
export interface ExpiredReservation extends ReservationFacts {
  readonly status: 'expired'
  readonly expiredAt: Date
}

/** Usage was reported after the hold had expired, and charged all the same. */
export interface LateReservation extends ReservationFacts, SettledUsage {
  readonly status: 'late'
  readonly expiredAt: Date
}

/** A hold of tokens and what became of it: held, then committed, released or expired; expired, then late. */
export type Reservation =
  | HeldReservation
  | CommittedReservation
  | ReleasedReservation
  | ExpiredReservation
  | LateReservation
