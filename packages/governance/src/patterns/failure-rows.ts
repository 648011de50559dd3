import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { FixCount } from './count-fixes.ts'
import { failureKindId } from './failure-kind.ts'
import type { FailureShare } from './judge-effect.ts'
import type { RecordedFailure } from './recorded-failure.ts'

/** What became of a failure that was to be recorded. */
export type FailureRecording = 'recorded' | 'duplicate' | 'ignored'

/**
 * Pruning keeps records out while it changes the counts of many fixes, so that neither waits for the other crosswise;
 * records of one tenant go side by side.
 */
export async function lockFailures(
  tx: SqlTransaction,
  tenantId: string,
  mode: 'record' | 'prune',
): Promise<void> {
  const lock = mode === 'prune' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared'
  await tx.query(`SELECT ${lock}(hashtextextended($1, 0))`, [`golden-arch patterns ${tenantId}`])
}

/** Adds a failure at the database's clock, unless its attempt is there or its task has `maxOfTask` of them. */
export async function insertFailure(
  tx: SqlTransaction,
  failure: RecordedFailure,
  maxOfTask: number,
): Promise<FailureRecording> {
  const { tenantId, taskId, guard, attempt } = failure
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [
    JSON.stringify([tenantId, taskId]),
  ])
  const { rows } = await tx.query<{ is_there: boolean | null; of_task: bigint }>(
    `SELECT bool_or(guard = $3 AND attempt = $4::int) AS is_there, count(*) AS of_task
       FROM pattern_failures WHERE tenant_id = $1 AND task_id = $2`,
    [tenantId, taskId, guard, attempt],
  )
  if (rows[0]?.is_there === true) return 'duplicate'
  if (rows[0] !== undefined && rows[0].of_task >= maxOfTask) return 'ignored'
  await tx.query(
    `INSERT INTO pattern_failures (tenant_id, task_id, guard, attempt, agent_role, context_signature, error_fingerprint,
       kind_id, fix_id, has_succeeded)
     VALUES ($1, $2, $3, $4::int, $5, $6, $7, $8, $9, $10::boolean)`,
    [
      tenantId,
      taskId,
      guard,
      attempt,
      failure.agentRole,
      failure.contextSignature,
      failure.errorFingerprint,
      failureKindId(failure),
      failure.fixId ?? '',
      failure.outcome === 'succeeded',
    ],
  )
  return 'recorded'
}

/**
 * Removes at most `limit` failures of a tenant, oldest first: those older than `retentionMs`, and those beyond the newest
 * `maxKept`. Resolves with how many were removed.
 */
export async function deleteOldFailures(
  tx: SqlTransaction,
  tenantId: string,
  bounds: { readonly retentionMs: number; readonly maxKept: number; readonly limit: number },
): Promise<number> {
  const { rowCount } = await tx.query(
    `WITH beyond AS (
       SELECT failed_at, position FROM pattern_failures WHERE tenant_id = $1
        ORDER BY failed_at DESC, position DESC OFFSET $3::int LIMIT 1
     ), old AS (
       SELECT f.task_id, f.guard, f.attempt FROM pattern_failures f
        WHERE f.tenant_id = $1
          AND (f.failed_at < clock_timestamp() - $2::bigint * interval '1 millisecond'
               OR (f.failed_at, f.position) <= (SELECT b.failed_at, b.position FROM beyond b))
        ORDER BY f.failed_at, f.position LIMIT $4::int
     )
     DELETE FROM pattern_failures f USING old
      WHERE f.tenant_id = $1 AND f.task_id = old.task_id AND f.guard = old.guard AND f.attempt = old.attempt`,
    [tenantId, bounds.retentionMs, bounds.maxKept, bounds.limit],
  )
  return rowCount
}

/**
 * The next `limit` tenants behind `after`, by name, that have failures, whatever was tried on them, or an update that is open
 * or being undone: it takes as long as there are tenants, however many failures.
 */
export async function selectTenants(
  executor: SqlExecutor,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await executor.query<{ tenant_id: string }>(
    `WITH RECURSIVE tenants (tenant_id) AS (
       SELECT $2::text
       UNION ALL
       SELECT least(
                (SELECT f.tenant_id FROM pattern_failures AS f WHERE f.tenant_id > t.tenant_id
                  ORDER BY f.tenant_id LIMIT 1),
                (SELECT u.tenant_id FROM pattern_updates AS u WHERE u.tenant_id > t.tenant_id
                    AND u.status IN ('proposing', 'pending') ORDER BY u.tenant_id LIMIT 1),
                (SELECT u.tenant_id FROM pattern_updates AS u WHERE u.tenant_id > t.tenant_id
                    AND u.status = 'rolling-back' ORDER BY u.tenant_id LIMIT 1))
         FROM tenants AS t WHERE t.tenant_id IS NOT NULL
     )
     SELECT tenant_id FROM tenants WHERE tenant_id IS NOT NULL OFFSET 1 LIMIT $1::int`,
    [limit, after],
  )
  return rows.map((row) => row.tenant_id)
}

interface CountRow {
  readonly kind_id: string
  readonly fix_id: string
  readonly agent_role: AgentRole
  readonly guard: string
  readonly context_signature: string
  readonly error_fingerprint: string
  readonly tasks: number
  readonly succeeded: number
}

/** Nothing is taught against the kind of failure, nor about to be, and the fix is not blocked for it. */
const IS_FREE = `NOT EXISTS (
  SELECT 1 FROM learnt_patterns p WHERE p.tenant_id = c.tenant_id AND p.kind_id = c.kind_id
     AND (p.status IN ('proposed', 'applied') OR (p.status = 'blocked' AND p.fix_id = c.fix_id)))`

/** The counts of the `limit` fixes that most tasks tried, at least `minTasks`; with `fixIds` of these alone, where they may be proposed. */
export async function selectCounts(
  executor: SqlExecutor,
  tenantId: string,
  minTasks: number,
  limit: number,
  fixIds?: readonly string[],
): Promise<FixCount[]> {
  const { rows } = await executor.query<CountRow>(
    `SELECT kind_id, fix_id, agent_role, guard, context_signature, error_fingerprint, tasks, succeeded
       FROM pattern_counts c WHERE tenant_id = $1 AND tasks >= $2::int
        ${fixIds === undefined ? '' : `AND fix_id = ANY ($4::text[]) AND ${IS_FREE}`}
      ORDER BY tasks DESC, kind_id COLLATE "C", fix_id COLLATE "C" LIMIT $3::int`,
    [tenantId, minTasks, limit, ...(fixIds === undefined ? [] : [fixIds])],
  )
  return rows.map((row) => ({
    kindId: row.kind_id,
    fixId: row.fix_id,
    agentRole: row.agent_role,
    guard: row.guard,
    contextSignature: row.context_signature,
    errorFingerprint: row.error_fingerprint,
    tasks: row.tasks,
    succeeded: row.succeeded,
  }))
}

/** The tasks with a kind of failure before `at`, and how many of them had a failed try. */
export async function selectShareBefore(
  executor: SqlExecutor,
  tenantId: string,
  kindId: string,
  at: Date,
): Promise<FailureShare> {
  const { rows } = await executor.query<{ tasks: bigint; failed: bigint }>(
    `SELECT count(*) AS tasks, count(*) FILTER (WHERE has_failed) AS failed
       FROM (SELECT bool_or(NOT has_succeeded) AS has_failed FROM pattern_failures
              WHERE tenant_id = $1 AND kind_id = $2 AND failed_at < $3::timestamptz GROUP BY task_id) AS tasks`,
    [tenantId, kindId, at],
  )
  return { tasks: Number(rows[0]?.tasks ?? 0n), failed: Number(rows[0]?.failed ?? 0n) }
}

/** Whether a try failed, for each of the first `limit` tasks that had a kind of failure from `at` on and none before. */
export async function selectTasksAfter(
  executor: SqlExecutor,
  tenantId: string,
  kindId: string,
  at: Date,
  limit: number,
): Promise<boolean[]> {
  const { rows } = await executor.query<{ has_failed: boolean }>(
    `SELECT bool_or(NOT f.has_succeeded) AS has_failed FROM pattern_failures f
      WHERE f.tenant_id = $1 AND f.kind_id = $2 AND f.failed_at >= $3::timestamptz
        AND NOT EXISTS (SELECT 1 FROM pattern_failures o WHERE o.tenant_id = $1 AND o.task_id = f.task_id
                           AND o.kind_id = $2 AND o.failed_at < $3::timestamptz)
      GROUP BY f.task_id ORDER BY min(f.failed_at), min(f.position) LIMIT $4::int`,
    [tenantId, kindId, at, limit],
  )
  return rows.map((row) => row.has_failed)
}
