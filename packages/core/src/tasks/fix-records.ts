import { jsonText, type SqlExecutor, type SqlTransaction } from '../storage/index.ts'
import type { AutoFixAction, FixOutcome } from './auto-fix.ts'
import type { TaskKey } from './task.ts'
import type { FixTry } from './transition-decision.ts'

/** One try of a fix, as stored. */
export interface FixRecord extends FixTry {
  /** The remediation task that it made; null where it made none. */
  readonly remediationTaskId: string | null
  readonly startedAt: Date
  /** Null while it is under way. */
  readonly endedAt: Date | null
}

interface FixRow {
  readonly fix_id: string
  readonly fix: string
  readonly guard: string
  readonly reason: string
  readonly transition: string
  readonly try: number
  readonly action: AutoFixAction
  readonly outcome: FixOutcome
  readonly remediation_task_id: string | null
  readonly started_at: Date
  readonly ended_at: Date | null
}

const COLUMNS =
  'fix_id, fix, guard, reason, transition, try, action, outcome, remediation_task_id, started_at, ended_at'

/** Which tries that are under way end now. Left out, a field narrows nothing. */
export interface EndingFixes {
  readonly transition?: string
  readonly guard?: string
  readonly remediationTaskId?: string
}

/** The tries of a task's fixes, oldest first, 1000 at most. @throws StorageError by code. */
export async function fixesOf(
  executor: SqlExecutor,
  { tenantId, taskId }: TaskKey,
): Promise<readonly FixRecord[]> {
  const { rows } = await executor.query<FixRow>(
    `SELECT ${COLUMNS} FROM task_fixes WHERE tenant_id = $1 AND task_id = $2 ORDER BY position LIMIT 1000`,
    [tenantId, taskId],
  )
  return rows.map(fromRow)
}

/** Writes a try; false, and nothing changed, where that very try is there. */
export async function insertFix(
  tx: SqlTransaction,
  { tenantId, taskId }: TaskKey,
  fix: FixTry,
  remediationTaskId: string | null,
): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO task_fixes (tenant_id, task_id, fix_id, fix, guard, transition, try, action, remediation_task_id, outcome,
            reason, ended_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7::int, $8::jsonb, $9, $10, $11,
            CASE WHEN $10 <> 'started' THEN clock_timestamp() END)
     ON CONFLICT (tenant_id, task_id, fix_id) DO NOTHING`,
    [
      tenantId,
      taskId,
      fix.fixId,
      fix.fix,
      fix.guard,
      fix.transition,
      fix.try,
      jsonText(fix.action),
      remediationTaskId,
      fix.outcome,
      fix.reason,
    ],
  )
  return inserted.rowCount === 1
}

/** Ends the tries of a task that are under way, and returns them. */
export async function endFixes(
  tx: SqlTransaction,
  { tenantId, taskId }: TaskKey,
  outcome: 'succeeded' | 'failed',
  which: EndingFixes = {},
): Promise<readonly FixRecord[]> {
  const { rows } = await tx.query<FixRow>(
    `UPDATE task_fixes SET outcome = $3, ended_at = clock_timestamp()
      WHERE tenant_id = $1 AND task_id = $2 AND outcome = 'started'
        AND ($4::text IS NULL OR transition = $4) AND ($5::text IS NULL OR guard = $5)
        AND ($6::text IS NULL OR remediation_task_id = $6)
     RETURNING ${COLUMNS}`,
    [
      tenantId,
      taskId,
      outcome,
      which.transition ?? null,
      which.guard ?? null,
      which.remediationTaskId ?? null,
    ],
  )
  return rows.map(fromRow)
}

function fromRow(row: FixRow): FixRecord {
  return {
    fixId: row.fix_id,
    fix: row.fix,
    guard: row.guard,
    reason: row.reason,
    transition: row.transition,
    try: row.try,
    action: row.action,
    outcome: row.outcome,
    remediationTaskId: row.remediation_task_id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}
