import { type ForgetOptions, forgetInBatches, type SqlDatabase } from '@golden-arch/core/storage'

/** Rounds of one transaction, each with its votes. */
const BATCH = 100

/** Removes rounds that closed long ago with their votes, batch by batch; how many. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
export async function forgetRounds(database: SqlDatabase, options: ForgetOptions): Promise<number> {
  return forgetInBatches(options, (retentionMs, limit) => removeBatch(database, retentionMs, limit), BATCH)
}

async function removeBatch(database: SqlDatabase, retentionMs: number, limit: number): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<{ position: bigint }>(
      `SELECT position FROM peer_reviews
        WHERE closed_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
        ORDER BY closed_at LIMIT $2::int FOR UPDATE SKIP LOCKED`,
      [retentionMs, limit],
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
