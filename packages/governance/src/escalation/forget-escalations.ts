import { requireInteger } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** Which escalations are forgotten. */
export interface ForgetEscalationsOptions {
  /** Milliseconds since it was resolved for which an escalation is kept at least, 1 day to 10 years. */
  readonly retentionMs: number
  /** Escalations to forget at most, 1 to 10000. Default 1000. */
  readonly limit?: number | undefined
  /** Stops before the next batch. */
  readonly signal?: AbortSignal | undefined
}

const DAY_MS = 86_400_000
const BATCH = 200

/** Checks for how long an escalation is kept. @throws InvalidOptionError `INVALID_OPTION`. */
export function requireEscalationRetention(retentionMs: number): number {
  return requireInteger('retentionMs', retentionMs, { min: DAY_MS, max: 3650 * DAY_MS })
}

/** Removes escalations that were resolved long ago, batch by batch; how many. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
export async function forgetEscalations(
  database: SqlDatabase,
  options: ForgetEscalationsOptions,
): Promise<number> {
  const keepMs = requireEscalationRetention(options.retentionMs)
  const limit = requireInteger('limit', options.limit ?? 1000, { min: 1, max: 10_000 })
  let forgotten = 0
  while (forgotten < limit && options.signal?.aborted !== true) {
    const wanted = Math.min(BATCH, limit - forgotten)
    const { rowCount } = await database.query(
      `DELETE FROM escalations WHERE (tenant_id, escalation_id) IN (
         SELECT tenant_id, escalation_id FROM escalations
          WHERE resolved_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
          ORDER BY resolved_at LIMIT $2::int FOR UPDATE SKIP LOCKED)`,
      [keepMs, wanted],
    )
    forgotten += rowCount
    if (rowCount < wanted) break
  }
  return forgotten
}
