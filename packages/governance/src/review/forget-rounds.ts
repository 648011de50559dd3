import { requireInteger } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** Which rounds are forgotten. */
export interface ForgetRoundsOptions {
  /** Milliseconds since the close for which a round is kept at least, 1 day to 10 years. */
  readonly retentionMs: number
  /** Rounds to forget at most, 1 to 10000. Default 1000. */
  readonly limit?: number | undefined
  /** Stops before the next batch. */
  readonly signal?: AbortSignal | undefined
}

const DAY_MS = 86_400_000
const BATCH = 100

/** Checks for how long a round is kept. @throws InvalidOptionError `INVALID_OPTION`. */
export function requireRoundRetention(retentionMs: number): number {
  return requireInteger('retentionMs', retentionMs, { min: DAY_MS, max: 3650 * DAY_MS })
}

/** Removes rounds that closed long ago with their votes, batch by batch; how many. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
export async function forgetRounds(database: SqlDatabase, options: ForgetRoundsOptions): Promise<number> {
  const keepMs = requireRoundRetention(options.retentionMs)
  const limit = requireInteger('limit', options.limit ?? 1000, { min: 1, max: 10_000 })
  let forgotten = 0
  while (forgotten < limit && options.signal?.aborted !== true) {
    const wanted = Math.min(BATCH, limit - forgotten)
    const removed = await removeBatch(database, keepMs, wanted)
    forgotten += removed
    if (removed < wanted) break
  }
  return forgotten
}

async function removeBatch(database: SqlDatabase, keepMs: number, limit: number): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<{ position: bigint }>(
      `SELECT position FROM peer_reviews
        WHERE closed_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
        ORDER BY closed_at LIMIT $2::int FOR UPDATE SKIP LOCKED`,
      [keepMs, limit],
    )
    const positions = rows.map((row) => row.position)
    if (positions.length === 0) return 0
    await tx.query(
      `DELETE FROM peer_review_votes v USING peer_reviews r
        WHERE r.position = ANY ($1::bigint[])
          AND v.tenant_id = r.tenant_id AND v.subject_id = r.subject_id AND v.round = r.round`,
      [positions],
    )
    const { rowCount } = await tx.query('DELETE FROM peer_reviews WHERE position = ANY ($1::bigint[])', [
      positions,
    ])
    return rowCount
  })
}
