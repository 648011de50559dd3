import { type ForgetOptions, forgetInBatches, type SqlDatabase } from '@golden-arch/core/storage'

/** Removes escalations that were resolved long ago, batch by batch; how many. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
export async function forgetEscalations(database: SqlDatabase, options: ForgetOptions): Promise<number> {
  return forgetInBatches(options, async (retentionMs, limit) => {
    const { rowCount } = await database.query(
      `DELETE FROM escalations WHERE (tenant_id, escalation_id) IN (
         SELECT tenant_id, escalation_id FROM escalations
          WHERE resolved_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
          ORDER BY resolved_at LIMIT $2::int FOR UPDATE SKIP LOCKED)`,
      [retentionMs, limit],
    )
    return rowCount
  })
}
