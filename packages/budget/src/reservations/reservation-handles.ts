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

/** Handles of open holds, the latest; any may be missing, since the ledger knows them all. */
export class ReservationHandles {
  readonly #handles = new Map<string, ReservationHandle>()
  readonly #maxCount: number

  constructor(maxCount: number) {
    this.#maxCount = maxCount
  }

  get(key: string): ReservationHandle | undefined {
    return this.#handles.get(key)
  }

  set(key: string, handle: ReservationHandle): void {
    this.#handles.delete(key)
    this.#handles.set(key, handle)
    if (this.#handles.size <= this.#maxCount) return
    const [oldest] = this.#handles.keys()
    if (oldest !== undefined) this.#handles.delete(oldest)
  }

  delete(key: string): void {
    this.#handles.delete(key)
  }
}

/** The handle that a row tells. */
export function handleOfRow(row: ReservationRow): ReservationHandle {
  return { reservation: toReservation(row), revision: row.revision, path: row.path, place: undefined }
}
