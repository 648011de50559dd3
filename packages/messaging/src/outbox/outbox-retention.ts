import type { SqlExecutor } from '@golden-arch/core/storage'

/**
 * Removes the events that were published longest ago, rows that another process holds left out; how many. The newest event
 * stays, whatever its age: whoever reads the table by position sees by it how far it has come.
 */
export async function removePublished(
  database: SqlExecutor,
  retentionMs: number,
  limit: number,
): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM outbox WHERE position = ANY (ARRAY(
       SELECT o.position FROM outbox o
        WHERE o.published_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
          AND o.position < (SELECT max(e.position) FROM outbox e)
        ORDER BY o.published_at LIMIT $2::int FOR UPDATE SKIP LOCKED))`,
    [retentionMs, limit],
  )
  return rowCount
}
