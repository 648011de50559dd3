import type { AuditEntry, AuditLog } from '../audit/index.ts'
import type { SqlDatabase } from '../storage/index.ts'

/** Takes audit entries that belong to no transaction of the caller, such as refusals. */
export interface AuditTrail {
  /** Stores `entry`; resolves once it is stored. Whatever it throws means that the entry may be lost. */
  write(entry: AuditEntry): Promise<void>
}

/** An {@link AuditTrail} that writes each entry to `log` in a transaction of its own. Not to be used inside another one. */
export function auditTrail(database: SqlDatabase, log: AuditLog): AuditTrail {
  return { write: (entry) => database.transaction((tx) => log.append(tx, entry)) }
}
