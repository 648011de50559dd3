import {
  type ForgetOptions,
  forgetInBatches,
  type SqlDatabase,
  type SqlTransaction,
} from '../../storage/index.ts'

/** Roots of one transaction: few, as each brings up to hundreds of rows with it. */
const BATCH = 20

/**
 * Removes roots that ended long ago with all that is below them, batch by batch, oldest first; how many roots. Several may
 * do so at once: each takes others.
 * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
 */
export async function forgetTasks(database: SqlDatabase, options: ForgetOptions): Promise<number> {
  return forgetInBatches(
    options,
    (retentionMs, limit) => database.transaction((tx) => forgetRoots(tx, retentionMs, limit)),
    BATCH,
  )
}

async function forgetRoots(tx: SqlTransaction, retentionMs: number, limit: number): Promise<number> {
  // A task that has ended never changes again: its last change is its end.
  const roots = await tx.query<KeyRow>(
    `SELECT tenant_id, task_id FROM tasks r
      WHERE kind = 'root' AND status IN ('completed', 'failed', 'cancelled')
        AND updated_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
        AND NOT EXISTS (SELECT FROM tasks o WHERE o.tenant_id = r.tenant_id AND o.root_task_id = r.task_id
                           AND o.status NOT IN ('completed', 'failed', 'cancelled'))
      ORDER BY updated_at LIMIT $2::int FOR UPDATE SKIP LOCKED`,
    [retentionMs, limit],
  )
  if (roots.rows.length === 0) return 0
  // Locked from above, as by everybody. Nothing can be written of them from here on, so nothing is left behind.
  const family = await tx.query<KeyRow>(
    `SELECT t.tenant_id, t.task_id FROM tasks t
       JOIN unnest($1::text[], $2::text[]) AS r (tenant_id, task_id) ON t.tenant_id = r.tenant_id AND t.root_task_id = r.task_id
      ORDER BY t.depth, t.position FOR UPDATE OF t`,
    columnsOf(roots.rows),
  )
  const keys = columnsOf(family.rows)
  for (const table of ['task_effects', 'task_fixes', 'task_steps', 'tasks']) {
    await tx.query(
      `DELETE FROM ${table} t USING unnest($1::text[], $2::text[]) AS f (tenant_id, task_id)
        WHERE t.tenant_id = f.tenant_id AND t.task_id = f.task_id`,
      keys,
    )
  }
  return roots.rows.length
}

interface KeyRow {
  readonly tenant_id: string
  readonly task_id: string
}

function columnsOf(rows: readonly KeyRow[]): readonly [tenantIds: string[], taskIds: string[]] {
  return [rows.map((row) => row.tenant_id), rows.map((row) => row.task_id)]
}
