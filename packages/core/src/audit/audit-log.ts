import type { SqlTransaction } from '../storage/index.ts'
import type { AuditEntry } from './audit-entry.ts'

/** The record of who did what. An entry is written in the transaction of the act: if it cannot be written, the act fails. */
export interface AuditLog {
  /**
   * Adds `entry` with `tx`.
   * @throws StorageError by code; then the transaction must roll back.
   */
  append(tx: SqlTransaction, entry: AuditEntry): Promise<void>
}
