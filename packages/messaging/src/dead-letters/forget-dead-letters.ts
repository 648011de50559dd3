import type { SqlExecutor } from '@golden-arch/core/storage'

/**
 * Removes the dead letters that were resolved or redriven longest ago, rows that another process holds left out; how many.
 * What was redriven from one of them keeps its own row and no longer says from which.
 */
export async function removeSettled(
  database: SqlExecutor,
  retentionMs: number,
  limit: number,
): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM dlq_messages WHERE dlq_id = ANY (ARRAY(
       SELECT d.dlq_id FROM dlq_messages d
        WHERE d.resolved_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
        ORDER BY d.resolved_at LIMIT $2::int FOR UPDATE SKIP LOCKED))`,
    [retentionMs, limit],
  )
  return rowCount
}
