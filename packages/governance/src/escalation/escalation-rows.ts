import {
  jsonText,
  type Page,
  type PageOptions,
  pageBounds,
  pageOf,
  type SqlExecutor,
  type SqlTransaction,
} from '@golden-arch/core/storage'
import type { Escalation } from '@golden-arch/core/tasks'
import type { Settlement } from './decide-settlement.ts'
import { EscalationError } from './escalation-error.ts'
import type { EscalationStatus, RaisedEscalation } from './raised-escalation.ts'

interface EscalationRow {
  readonly tenant_id: string
  readonly escalation_id: string
  readonly project_id: string
  readonly task_id: string
  readonly reason: string
  readonly level: Escalation['level']
  readonly details: Record<string, unknown>
  readonly raised_at: Date
  readonly acknowledged_by: string | null
  readonly acknowledged_at: Date | null
  readonly resolved_by: string | null
  readonly resolved_at: Date | null
  readonly resolution: string | null
  readonly position: bigint
}

const COLUMNS = `tenant_id, escalation_id, project_id, task_id, reason, level, details, raised_at,
  acknowledged_by, acknowledged_at, resolved_by, resolved_at, resolution, position`

/** What a page of escalations is asked by. */
export interface EscalationListOptions extends PageOptions {
  readonly tenantId: string
  /** Default: every status. */
  readonly status?: EscalationStatus
  /** Default: every project. */
  readonly projectId?: string
}

/** Adds an open escalation; undefined, and nothing changed, where its task and reason have one. */
export async function insertEscalation(
  tx: SqlTransaction,
  escalationId: string,
  escalation: Escalation,
): Promise<RaisedEscalation | undefined> {
  const result = await tx.query<EscalationRow>(
    `INSERT INTO escalations (tenant_id, escalation_id, project_id, task_id, reason, level, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)
     ON CONFLICT (tenant_id, task_id, reason) DO NOTHING RETURNING ${COLUMNS}`,
    [
      escalation.tenantId,
      escalationId,
      escalation.projectId,
      escalation.taskId,
      escalation.reason,
      escalation.level,
      jsonText(escalation.details),
    ],
  )
  const row = result.rows[0]
  return row === undefined ? undefined : fromRow(row)
}

/**
 * Reads an escalation; with `lock` no other transaction changes it until this one ends.
 * @throws EscalationError `ESCALATION_NOT_FOUND`.
 */
export async function selectEscalation(
  executor: SqlExecutor,
  tenantId: string,
  escalationId: string,
  lock = false,
): Promise<RaisedEscalation> {
  const result = await executor.query<EscalationRow>(
    `SELECT ${COLUMNS} FROM escalations WHERE tenant_id = $1 AND escalation_id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [tenantId, escalationId],
  )
  const row = result.rows[0]
  if (row !== undefined) return fromRow(row)
  throw new EscalationError({
    code: 'ESCALATION_NOT_FOUND',
    message: `no escalation ${escalationId}`,
    details: { tenantId, escalationId },
  })
}

/** Reads a page of escalations, oldest first. @throws InvalidOptionError `INVALID_OPTION` on a bad limit or cursor. */
export async function selectEscalations(
  executor: SqlExecutor,
  options: EscalationListOptions,
): Promise<Page<RaisedEscalation>> {
  const { tenantId, status, projectId } = options
  const { limit, position } = pageBounds(options)
  const result = await executor.query<EscalationRow>(
    `SELECT ${COLUMNS} FROM escalations
      WHERE tenant_id = $1 AND position > $2::bigint
        AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR project_id = $4)
      ORDER BY position LIMIT $5::int`,
    [tenantId, position ?? 0n, status ?? null, projectId ?? null, limit + 1],
  )
  return pageOf(result.rows, limit, fromRow, (row) => row.position)
}

/** Writes a settlement, at the database's clock. */
export async function updateEscalation(
  tx: SqlTransaction,
  escalation: RaisedEscalation,
  settlement: Settlement,
): Promise<RaisedEscalation> {
  const change =
    settlement.kind === 'acknowledge'
      ? "status = 'acknowledged', acknowledged_by = $3, acknowledged_at = clock_timestamp()"
      : "status = 'resolved', resolved_by = $3, resolved_at = clock_timestamp(), resolution = $4"
  const values = [escalation.tenantId, escalation.escalationId, settlement.by]
  const result = await tx.query<EscalationRow>(
    `UPDATE escalations SET ${change} WHERE tenant_id = $1 AND escalation_id = $2 RETURNING ${COLUMNS}`,
    settlement.kind === 'acknowledge' ? values : [...values, settlement.resolution],
  )
  const row = result.rows[0]
  if (row === undefined) throw new Error(`the locked escalation ${escalation.escalationId} is gone`)
  return fromRow(row)
}

function fromRow(row: EscalationRow): RaisedEscalation {
  const facts = {
    tenantId: row.tenant_id,
    escalationId: row.escalation_id,
    projectId: row.project_id,
    taskId: row.task_id,
    reason: row.reason,
    level: row.level,
    details: row.details,
    raisedAt: row.raised_at,
  }
  const acknowledged =
    row.acknowledged_by === null || row.acknowledged_at === null
      ? null
      : { by: row.acknowledged_by, at: row.acknowledged_at }
  if (row.resolved_by !== null && row.resolved_at !== null && row.resolution !== null) {
    const resolved = { by: row.resolved_by, at: row.resolved_at }
    return { ...facts, status: 'resolved', acknowledged, resolved, resolution: row.resolution }
  }
  return acknowledged === null
    ? { ...facts, status: 'open' }
    : { ...facts, status: 'acknowledged', acknowledged }
}
