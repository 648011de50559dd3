import type { SqlTransaction } from '../storage/index.ts'
import type { EventEnvelope } from './event-envelope.ts'

/** Where events wait to be published: written in the transaction of the change they tell of, so neither is without the other. */
export interface EventOutbox {
  /**
   * Stores the events with `tx`. An event whose id is stored already is left as it is.
   * @throws StorageError by code; then the transaction must roll back.
   */
  append(tx: SqlTransaction, events: readonly EventEnvelope[]): Promise<void>
}
