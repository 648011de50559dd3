import { type ReservationRow, toReservation } from '../ledger/reservation-row.ts'
import type { Reservation } from '../reservation.ts'

/** What this process remembers of an open hold, so that settling it needs no look-up first. */
export interface ReservationHandle {
  readonly reservation: Reservation
  readonly revision: number
  /** The ids of its budgets, as PostgreSQL writes an array. */
  readonly path: string
  /** Where its row is in the table, as PostgreSQL writes it: a hint, undefined where it is not known. */
  readonly place: string | undefined
}

/**
 * Handles of open holds, the latest; any may be missing, since the ledger knows them all. They are kept in two halves, and
 * the older one is let go of at once: to look for the oldest of one map reads past every place that was left before it.
 */
export class ReservationHandles {
  readonly #maxOfHalf: number
  #recent = new Map<string, ReservationHandle>()
  #older = new Map<string, ReservationHandle>()

  /** Keeps the last half of `maxCount` for certain, and never more than `maxCount`. */
  constructor(maxCount: number) {
    this.#maxOfHalf = Math.floor(maxCount / 2)
  }

  get(key: string): ReservationHandle | undefined {
    return this.#recent.get(key) ?? this.#older.get(key)
  }

  set(key: string, handle: ReservationHandle): void {
    this.#recent.set(key, handle)
    if (this.#recent.size < this.#maxOfHalf) return
    this.#older = this.#recent
    this.#recent = new Map()
  }

  delete(key: string): void {
    this.#recent.delete(key)
    this.#older.delete(key)
  }
}

/** The handle that a row tells. */
export function handleOfRow(row: ReservationRow): ReservationHandle {
  return { reservation: toReservation(row), revision: row.revision, path: row.path, place: undefined }
}
