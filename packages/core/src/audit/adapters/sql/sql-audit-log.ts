import { jsonText, type SqlTransaction } from '../../../storage/index.ts'
import type { AuditEntry } from '../../audit-entry.ts'
import type { AuditLog } from '../../audit-log.ts'

/** The audit log in the table `audit_log` of the migration module `audit`. The database refuses to change its rows. */
export class SqlAuditLog implements AuditLog {
  async append(tx: SqlTransaction, entry: AuditEntry): Promise<void> {
    await tx.query(
      `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, resource, outcome, request_id, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)`,
      [
        entry.tenantId,
        entry.actor.id,
        entry.actor.kind,
        entry.action,
        entry.resource,
        entry.outcome,
        entry.actor.requestId ?? null,
        jsonText(entry.details ?? {}),
      ],
    )
  }
}
