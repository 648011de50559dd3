import type { SqlDatabase } from '../../storage/index.ts'
import { readCheckpointFile } from '../adapters/file/read-checkpoint-file.ts'
import { type AuditVerification, verifyAuditLog } from '../chain/verify-audit-log.ts'
import type { AuditKeys } from '../checkpoints/signature.ts'

/** Whose chains are verified, and against what. */
export interface VerifyAuditTenantsOptions {
  /** Whose log is verified. */
  readonly database: SqlDatabase
  /** Empty: every tenant that the database or the checkpoints know. */
  readonly tenants: readonly string[]
  /** Path of a file that `FileCheckpointSink` wrote. Default: none. */
  readonly checkpoints?: string | undefined
  /** Public keys of whoever signed checkpoints and closed segments. */
  readonly keys: AuditKeys
  /** Ends it with `ABORTED`. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** What was found of one tenant. */
export interface TenantVerification {
  readonly tenantId: string
  readonly verification: AuditVerification
}

/**
 * Verifies the chains of tenants, one after another.
 * @throws what `verifyAuditLog` throws; the file system's error when the file of the checkpoints cannot be read.
 */
export async function* verifyAuditTenants(
  options: VerifyAuditTenantsOptions,
): AsyncGenerator<TenantVerification, void, undefined> {
  const { database, checkpoints: path, keys, signal } = options
  const tenants = options.tenants.length > 0 ? options.tenants : await knownTenants(database, path)
  for (const tenantId of tenants) {
    const checkpoints = path === undefined ? [] : readCheckpointFile(path)
    const stop = signal === undefined ? {} : { signal }
    yield { tenantId, verification: await verifyAuditLog({ database, tenantId, keys, checkpoints, ...stop }) }
  }
}

/** What was found, in a line for a person. */
export function auditVerificationLine({ tenantId, verification }: TenantVerification): string {
  if (!verification.ok)
    return `bad ${tenantId}: first bad sequence ${verification.firstBadSequence}, ${verification.reason}`
  const { entries, closed, waiting, confirmedSequence, lastSequence, lastHash } = verification
  return (
    `good ${tenantId}: ${entries} ${entries === 1 ? 'entry' : 'entries'} verified, ${closed} in closed segments, ${waiting} waiting, ` +
    `confirmed to ${confirmedSequence} of ${lastSequence}, ${lastHash}`
  )
}

/** Each tenant with a link or an entry, found by steps along the primary keys, and each that a checkpoint names. */
async function knownTenants(
  database: SqlDatabase,
  checkpointFile: string | undefined,
): Promise<readonly string[]> {
  const tenants = new Set<string>()
  for (const table of ['audit_chain', 'audit_log', 'audit_chain_heads']) {
    const { rows } = await database.query<{ tenant_id: string }>(
      `WITH RECURSIVE known AS (
         SELECT min(tenant_id) AS tenant_id FROM ${table}
         UNION ALL
         SELECT (SELECT min(t.tenant_id) FROM ${table} t WHERE t.tenant_id > known.tenant_id) FROM known
          WHERE known.tenant_id IS NOT NULL
       )
       SELECT tenant_id FROM known WHERE tenant_id IS NOT NULL`,
    )
    for (const { tenant_id } of rows) tenants.add(tenant_id)
  }
  if (checkpointFile !== undefined) {
    for await (const { tenantId } of readCheckpointFile(checkpointFile)) tenants.add(tenantId)
  }
  return [...tenants].sort()
}
