import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'

// A consumer that is being added gives itself deliveries of what is stored: not of what goes at the same time, so the row
// of the stream is locked first. Of several processes one removes; the others leave the stream to it and wait for nobody.
const PRUNE = `
  WITH held AS MATERIALIZED (
    SELECT s.stream FROM message_streams s
     WHERE s.stream = $1
       AND pg_try_advisory_xact_lock(hashtextextended('golden-arch messages_prune ' || current_schema() || ' ' || $1, 0))
       FOR SHARE
  )
  SELECT messages_prune(h.stream, $2::int) AS count FROM held h`

/**
 * Removes messages that are older than their stream keeps them and that no consumer has still to settle, up to
 * `limit` of each stream; gives their number. Each stream has a transaction of its own; what fails in one is given to
 * `onFailure`, and the others follow.
 * @throws StorageError `DATABASE_UNAVAILABLE` (retryable), which ends it; others by code where the streams cannot be read.
 */
export async function pruneMessages(
  database: SqlDatabase,
  limit: number,
  onFailure: (error: unknown, stream: string) => void,
): Promise<number> {
  const { rows: streams } = await database.query<{ stream: string }>(
    'SELECT stream FROM message_streams ORDER BY stream',
  )
  let sum = 0
  for (const { stream } of streams) {
    try {
      const { rows } = await database.query<{ count: number }>(PRUNE, [stream, limit])
      sum += rows[0]?.count ?? 0
    } catch (error) {
      if (isGoldenError(error, 'DATABASE_UNAVAILABLE')) throw error
      onFailure(error, stream)
    }
  }
  return sum
}
