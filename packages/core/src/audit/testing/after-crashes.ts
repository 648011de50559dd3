import type { SqlDatabase } from '../../storage/index.ts'
import { readCheckpointFile } from '../adapters/file/read-checkpoint-file.ts'
import { AuditLinker } from '../chain/audit-linker.ts'
import { type AuditVerification, verifyAuditLog } from '../chain/verify-audit-log.ts'
import type { AuditKeys } from '../checkpoints/signature.ts'

/** What crashes left behind, once all that waits is linked. */
export interface Aftermath {
  readonly verification: AuditVerification
  /** Confirmed entries that are not in the log. */
  readonly lost: number
  /** Entries that are in the log more than once. */
  readonly twice: number
  readonly stored: number
  /** Entries that waited for a link when it was looked. */
  readonly waiting: number
}

/** Links what the dead left waiting and judges the log of a tenant by what they had confirmed. */
export async function aftermathOf(
  database: SqlDatabase,
  tenantId: string,
  confirmed: readonly number[],
  trust: { readonly keys: AuditKeys; readonly checkpointFile: string },
): Promise<Aftermath> {
  const waiting = await new AuditLinker({ database, maxBatchLength: 1000 }).linkTenant(tenantId)
  const { rows } = await database.query<{ number: number }>(
    `SELECT (details ->> 'number')::int AS number FROM audit_log WHERE tenant_id = $1`,
    [tenantId],
  )
  const stored = new Set(rows.map(({ number }) => number))
  const verification = await verifyAuditLog({
    database,
    tenantId,
    keys: trust.keys,
    checkpoints: readCheckpointFile(trust.checkpointFile),
  })
  return {
    verification,
    lost: confirmed.filter((number) => !stored.has(number)).length,
    twice: rows.length - stored.size,
    stored: rows.length,
    waiting,
  }
}
