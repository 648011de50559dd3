import type { SqlDatabase, SqlTransaction } from '../../storage/index.ts'
import type { TaskKey } from '../task.ts'
import { lookAt, type TaskLook } from './task-look.ts'
import type { TaskQuotas } from './task-quotas.ts'

/** A root that is parked: it has not begun, and no instant is set for a look at it. */
const IS_PARKED = `kind = 'root' AND NOT is_admitted AND status = 'submitted' AND wake_at IS NULL`

interface KeyRow {
  readonly tenant_id: string
  readonly task_id: string
}

/** Tasks that are parked at once: as many as keep the statement short. */
const MAX_PARKED = 1000
/** Tenants that one look considers. */
const MAX_TENANTS = 20

/**
 * Parks submitted roots of a tenant that are due, all but those in `kept`: nobody looks at them until there is a place.
 * The tenant's row of quotas is locked by `tx`.
 */
export async function parkTasks(
  tx: SqlTransaction,
  tenantId: string,
  kept: readonly TaskKey[],
): Promise<void> {
  await tx.query(
    `WITH full_up AS MATERIALIZED (
       SELECT task_id FROM tasks
        WHERE tenant_id = $1 AND kind = 'root' AND NOT is_admitted AND status = 'submitted'
          AND wake_at <= statement_timestamp() AND task_id <> ALL ($2::text[])
        LIMIT ${MAX_PARKED} FOR NO KEY UPDATE SKIP LOCKED)
     UPDATE tasks t SET wake_at = NULL FROM full_up WHERE t.tenant_id = $1 AND t.task_id = full_up.task_id`,
    [tenantId, kept.map((task) => task.taskId)],
  )
  await tx.query('UPDATE task_quotas SET has_parked = true WHERE tenant_id = $1', [tenantId])
}

/** Gives looks at up to `limit` parked tasks for which there is a place by now, those of a tenant in their order. */
export async function unparkTasks(
  database: SqlDatabase,
  quotas: TaskQuotas,
  limit: number,
  lookMs: number,
): Promise<readonly TaskLook[]> {
  const tenants = await database.query<{ tenant_id: string }>(
    `SELECT tenant_id FROM task_quotas WHERE has_parked ORDER BY looked_at LIMIT ${MAX_TENANTS}`,
  )
  const looks: TaskLook[] = []
  for (const { tenant_id: tenantId } of tenants.rows) {
    if (looks.length >= limit) break
    // Each in a transaction of its own: two that lock the rows of several tenants could wait for each other.
    looks.push(
      ...(await database.transaction((tx) => unpark(tx, quotas, tenantId, limit - looks.length, lookMs))),
    )
  }
  return looks
}

async function unpark(
  tx: SqlTransaction,
  quotas: TaskQuotas,
  tenantId: string,
  limit: number,
  lookMs: number,
): Promise<readonly TaskLook[]> {
  const free = await tx.query(
    'SELECT FROM task_quotas WHERE tenant_id = $1 AND has_parked FOR UPDATE SKIP LOCKED',
    [tenantId],
  )
  if (free.rowCount === 0) return []
  const places = await quotas.placesFor({ tenantId, isForParked: true }, { tx })
  const wanted = Math.max(0, Math.min(places, limit))
  const { rows } = await tx.query<KeyRow>(
    `SELECT tenant_id, task_id FROM tasks
      WHERE tenant_id = $1 AND ${IS_PARKED}
      ORDER BY position LIMIT $2::int FOR NO KEY UPDATE SKIP LOCKED`,
    [tenantId, wanted],
  )
  const looks = await lookAt(
    tx,
    rows.map((row) => ({ tenantId: row.tenant_id, taskId: row.task_id })),
    lookMs,
  )
  // Read without a lock: a parked task that another holds is still one, though it was passed over.
  await tx.query(
    `UPDATE task_quotas SET looked_at = clock_timestamp(),
            has_parked = EXISTS (SELECT FROM tasks WHERE tasks.tenant_id = $1 AND ${IS_PARKED})
      WHERE tenant_id = $1`,
    [tenantId],
  )
  return looks
}
