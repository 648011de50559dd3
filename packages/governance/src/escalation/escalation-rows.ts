import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { EscalationLevel } from '@golden-arch/core/tasks'
import { ESCALATION_COLUMNS, type EscalationRow, escalationOf } from './escalation-columns.ts'
import type { EscalationDecision } from './escalation-decision.ts'
import { EscalationError } from './escalation-error.ts'
import type { CheckedReport } from './escalation-report.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

/** Which escalation. */
export interface EscalationKey {
  readonly tenantId: string
  readonly escalationId: string
}

/** How a new escalation begins. */
export interface EscalationStart {
  readonly escalationId: string
  readonly level: EscalationLevel
  readonly now: Date
  readonly dueAt: Date | null
}

/**
 * Adds an open escalation, or counts the report in the unresolved one of its key, which is then locked; undefined, and
 * nothing changed, where the key is settled for ever. A new one has one occurrence.
 */
export async function countReport(
  tx: SqlTransaction,
  report: CheckedReport,
  { escalationId, level, now, dueAt }: EscalationStart,
): Promise<RaisedEscalation | undefined> {
  const result = await tx.query<EscalationRow>(
    `INSERT INTO escalations AS e (tenant_id, escalation_id, subject_kind, subject_id, project_id, task_id, reason,
        severity, level, evidence, dedup_key, is_once, raised_at, last_raised_at, timer_since, due_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12::boolean, $13::timestamptz, $13::timestamptz,
        $13::timestamptz, $14::timestamptz)
     ON CONFLICT (tenant_id, dedup_key) WHERE status <> 'resolved' OR is_once
     DO UPDATE SET occurrences = least(e.occurrences, 2147483646) + 1,
                   last_raised_at = greatest(e.last_raised_at, excluded.last_raised_at)
      WHERE e.status <> 'resolved'
     RETURNING ${ESCALATION_COLUMNS}`,
    [
      report.tenantId,
      escalationId,
      report.subject.kind,
      report.subject.id,
      report.projectId,
      report.taskId,
      report.reason,
      report.severity,
      level,
      report.evidence,
      report.deduplicationKey,
      report.isOnce,
      now,
      dueAt,
    ],
  )
  const row = result.rows[0]
  return row === undefined ? undefined : escalationOf(row)
}

/** The escalation that settled a key for ever. */
export async function selectSettled(
  tx: SqlTransaction,
  { tenantId, deduplicationKey }: CheckedReport,
): Promise<RaisedEscalation> {
  const result = await tx.query<EscalationRow>(
    `SELECT ${ESCALATION_COLUMNS} FROM escalations e WHERE tenant_id = $1 AND dedup_key = $2 AND is_once`,
    [tenantId, deduplicationKey],
  )
  const row = result.rows[0]
  if (row === undefined) throw new Error(`no escalation has settled ${deduplicationKey}`)
  return escalationOf(row)
}

/**
 * Reads an escalation; with `lock` no other transaction changes it until this one ends.
 * @throws EscalationError `ESCALATION_NOT_FOUND`.
 */
export async function selectEscalation(
  executor: SqlExecutor,
  { tenantId, escalationId }: EscalationKey,
  lock = false,
): Promise<RaisedEscalation> {
  const result = await executor.query<EscalationRow>(
    `SELECT ${ESCALATION_COLUMNS} FROM escalations e
      WHERE tenant_id = $1 AND escalation_id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [tenantId, escalationId],
  )
  const row = result.rows[0]
  if (row !== undefined) return escalationOf(row)
  throw new EscalationError({
    code: 'ESCALATION_NOT_FOUND',
    message: `no escalation ${escalationId}`,
    details: { tenantId, escalationId },
  })
}

/**
 * Locks the longest due escalation, of any tenant, that no other process holds and that is not among `exceptIds`; also
 * one whose timer began after `latestStartAt`, as none does while the clock goes forward. Undefined where there is none.
 */
export async function lockDue(
  tx: SqlTransaction,
  now: Date,
  latestStartAt: Date,
  exceptIds: readonly string[],
): Promise<RaisedEscalation | undefined> {
  for (const [condition, order, at] of [
    ['due_at <= $1::timestamptz', 'due_at', now],
    ['due_at IS NOT NULL AND timer_since > $1::timestamptz', 'timer_since DESC', latestStartAt],
  ] as const) {
    const result = await tx.query<EscalationRow>(
      `SELECT ${ESCALATION_COLUMNS} FROM escalations e
        WHERE ${condition} AND escalation_id <> ALL ($2::text[])
        ORDER BY ${order} LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [at, exceptIds],
    )
    const row = result.rows[0]
    if (row !== undefined) return escalationOf(row)
  }
  return undefined
}

/** What a change writes; what is absent stays. */
export interface EscalationChange {
  readonly status?: RaisedEscalation['status']
  readonly severity?: RaisedEscalation['severity']
  readonly level?: EscalationLevel
  /** JSON text. */
  readonly evidence?: string
  readonly timer_since?: Date
  readonly due_at?: Date | null
  readonly repeats?: number
  readonly assigned_to?: string | null
  readonly assigned_by?: string | null
  readonly assigned_at?: Date | null
  readonly acknowledged_by?: string | null
  readonly acknowledged_at?: Date | null
  readonly resolved_by?: string
  readonly resolved_at?: Date
  readonly resolution?: string
  readonly decision?: EscalationDecision | null
}

/** Writes a change of a locked escalation. */
export async function updateEscalation(
  tx: SqlTransaction,
  { tenantId, escalationId }: EscalationKey,
  change: EscalationChange,
): Promise<RaisedEscalation> {
  const columns = Object.keys(change)
  const sets = columns.map((column, index) => `${column} = $${index + 3}`)
  const result = await tx.query<EscalationRow>(
    `UPDATE escalations e SET ${sets.join(', ')} WHERE tenant_id = $1 AND escalation_id = $2
     RETURNING ${ESCALATION_COLUMNS}`,
    [tenantId, escalationId, ...Object.values(change)],
  )
  const row = result.rows[0]
  if (row === undefined) throw new Error(`the locked escalation ${escalationId} is gone`)
  return escalationOf(row)
}
