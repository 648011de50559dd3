import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { Escalation } from '@golden-arch/core/tasks'
import { EscalationError } from './escalation-error.ts'
import type { EscalationRecord, EscalationStatus } from './escalation-record.ts'

interface EscalationRow {
  readonly tenant_id: string
  readonly escalation_id: string
  readonly project_id: string
  readonly task_id: string
  readonly reason: string
  readonly level: Escalation['level']
  readonly details: Escalation['details']
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
export interface EscalationFilter {
  readonly tenantId: string
  readonly projectId?: string
  readonly taskId?: string
  readonly status?: EscalationStatus
}

/** An escalation with its place in the order of the table. */
export interface PlacedEscalation {
  readonly position: bigint
  readonly record: EscalationRecord
}

/** Adds an open escalation; undefined, and nothing changed, where the task has one of this reason. */
export async function insertEscalation(
  tx: SqlTransaction,
  escalationId: string,
  escalation: Escalation,
): Promise<EscalationRecord | undefined> {
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
      JSON.stringify(escalation.details),
    ],
  )
  return result.rows[0] && toRecord(result.rows[0])
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
): Promise<EscalationRecord> {
  const result = await executor.query<EscalationRow>(
    `SELECT ${COLUMNS} FROM escalations WHERE tenant_id = $1 AND escalation_id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [tenantId, escalationId],
  )
  return onlyRecord(result.rows, tenantId, escalationId)
}

/** At most `limit` escalations behind `after`, in the order in which they were raised. */
export async function selectEscalations(
  executor: SqlExecutor,
  filter: EscalationFilter,
  after: string,
  limit: number,
): Promise<readonly PlacedEscalation[]> {
  const result = await executor.query<EscalationRow>(
    `SELECT ${COLUMNS} FROM escalations
      WHERE tenant_id = $1 AND position > $2::bigint AND ($3::text IS NULL OR project_id = $3)
        AND ($4::text IS NULL OR task_id = $4) AND ($5::text IS NULL OR status = $5)
      ORDER BY position LIMIT $6::int`,
    [filter.tenantId, after, filter.projectId ?? null, filter.taskId ?? null, filter.status ?? null, limit],
  )
  return result.rows.map((row) => ({ position: row.position, record: toRecord(row) }))
}

/** How many escalations of a tenant stand in each status; a status without any is absent. */
export async function selectStatusCounts(
  executor: SqlExecutor,
  tenantId: string,
): Promise<Readonly<Partial<Record<EscalationStatus, number>>>> {
  const result = await executor.query<{ status: EscalationStatus; count: bigint }>(
    'SELECT status, count(*) AS count FROM escalations WHERE tenant_id = $1 GROUP BY status',
    [tenantId],
  )
  return Object.fromEntries(result.rows.map((row) => [row.status, Number(row.count)]))
}

/** Marks an open escalation as taken on. */
export async function updateAcknowledged(
  tx: SqlTransaction,
  { tenantId, escalationId }: EscalationRecord,
  by: string,
): Promise<EscalationRecord> {
  const result = await tx.query<EscalationRow>(
    `UPDATE escalations SET status = 'acknowledged', acknowledged_by = $3, acknowledged_at = clock_timestamp()
      WHERE tenant_id = $1 AND escalation_id = $2 RETURNING ${COLUMNS}`,
    [tenantId, escalationId, by],
  )
  return onlyRecord(result.rows, tenantId, escalationId)
}

/** Marks an escalation as settled. */
export async function updateResolved(
  tx: SqlTransaction,
  { tenantId, escalationId }: EscalationRecord,
  by: string,
  text: string,
): Promise<EscalationRecord> {
  const result = await tx.query<EscalationRow>(
    `UPDATE escalations SET status = 'resolved', resolved_by = $3, resolution = $4, resolved_at = clock_timestamp()
      WHERE tenant_id = $1 AND escalation_id = $2 RETURNING ${COLUMNS}`,
    [tenantId, escalationId, by, text],
  )
  return onlyRecord(result.rows, tenantId, escalationId)
}

function onlyRecord(
  rows: readonly EscalationRow[],
  tenantId: string,
  escalationId: string,
): EscalationRecord {
  const row = rows[0]
  if (row !== undefined) return toRecord(row)
  throw new EscalationError({
    code: 'ESCALATION_NOT_FOUND',
    message: `no escalation ${escalationId}`,
    details: { tenantId, escalationId },
  })
}

function toRecord(row: EscalationRow): EscalationRecord {
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
  const { acknowledged_by, acknowledged_at, resolved_by, resolved_at, resolution } = row
  const acknowledgement =
    acknowledged_by === null || acknowledged_at === null ? null : { by: acknowledged_by, at: acknowledged_at }
  if (resolved_by !== null && resolved_at !== null && resolution !== null) {
    const settled = { by: resolved_by, at: resolved_at, text: resolution }
    return { ...facts, status: 'resolved', acknowledgement, resolution: settled }
  }
  return acknowledgement === null
    ? { ...facts, status: 'open' }
    : { ...facts, status: 'acknowledged', acknowledgement }
}
