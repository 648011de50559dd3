import { requireInteger } from '@golden-arch/core/errors'

/** Which rows are forgotten, and how many at once. */
export interface ForgetOptions {
  /** Milliseconds for which a row is kept at least since it was done with, 1 day to 10 years. */
  readonly retentionMs: number
  /** Rows to remove at most, 1 to 100000. Default 1000. */
  readonly limit?: number | undefined
  /** Stops before the next batch. */
  readonly signal?: AbortSignal | undefined
}

const DAY_MS = 86_400_000
/** Rows of one statement: few enough that nobody waits long for what it has locked. */
const BATCH = 500

/** Checks for how long rows are kept. @throws InvalidOptionError `INVALID_OPTION`. */
export function requireRetention(retentionMs: number): number {
  return requireInteger('retentionMs', retentionMs, { min: DAY_MS, max: 3650 * DAY_MS })
}

/**
 * Removes rows batch by batch by `removeBatch`, which gives how many it has removed; how many in all.
 * @throws InvalidOptionError `INVALID_OPTION`; whatever `removeBatch` throws.
 */
export async function forgetInBatches(
  options: ForgetOptions,
  removeBatch: (retentionMs: number, limit: number) => Promise<number>,
): Promise<number> {
  const retentionMs = requireRetention(options.retentionMs)
  const limit = requireInteger('limit', options.limit ?? 1000, { min: 1, max: 100_000 })
  let removed = 0
  while (removed < limit && options.signal?.aborted !== true) {
    const wanted = Math.min(BATCH, limit - removed)
    const count = await removeBatch(retentionMs, wanted)
    removed += count
    if (count < wanted) break
  }
  return removed
}
