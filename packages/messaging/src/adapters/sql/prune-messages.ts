import type { SqlDatabase } from '@golden-arch/core/storage'

/**
 * Removes messages that are older than their stream keeps them and that no consumer has still to settle, up to
 * `limit` of each stream; gives their number.
 */
export async function pruneMessages(database: SqlDatabase, limit: number): Promise<number> {
  return database.transaction(async (tx) => {
    // A consumer that is being added gives itself deliveries of what is stored: not of what goes at the same time.
    const { rows: streams } = await tx.query<{ stream: string }>(
      'SELECT stream FROM message_streams ORDER BY stream FOR SHARE',
    )
    const { rowCount } = await tx.query(
      `DELETE FROM messages m USING (
         SELECT o.sequence FROM message_streams s CROSS JOIN LATERAL (
           SELECT m.sequence FROM messages m
            WHERE m.stream = s.stream
              AND m.stored_at < statement_timestamp() - s.max_age_ms * interval '1 millisecond'
              AND NOT EXISTS (SELECT 1 FROM message_deliveries d WHERE d.sequence = m.sequence)
            ORDER BY m.stored_at LIMIT $2::int) AS o
          WHERE s.stream = ANY ($1::text[])) AS old
        WHERE m.sequence = old.sequence`,
      [streams.map(({ stream }) => stream), limit],
    )
    return rowCount
  })
}
