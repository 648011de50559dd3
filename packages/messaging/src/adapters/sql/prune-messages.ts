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
    const { rows } = await tx.query<{ count: number }>(
      'SELECT messages_prune(k.stream, $2::int) AS count FROM unnest($1::text[]) AS k (stream)',
      [streams.map(({ stream }) => stream), limit],
    )
    return rows.reduce((sum, { count }) => sum + count, 0)
  })
}
