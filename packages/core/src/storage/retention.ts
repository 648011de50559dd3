import { requireInteger } from '../errors/index.ts'

/** For how long what is done with is kept, and how much of it is forgotten at once. */
export interface ForgetOptions {
  /** Milliseconds for which each is kept at least since it was done with, 1 day to 10 years. */
  readonly retentionMs: number
  /** How many to remove at most, 1 to 100000. Default 1000. */
  readonly limit?: number | undefined
  /** Stops before the next batch. */
  readonly signal?: AbortSignal | undefined
}

const DAY_MS = 86_400_000

/** Checks for how long something is kept. @throws InvalidOptionError `INVALID_OPTION` on less than 1 day or more than 10 years. */
export function requireRetention(retentionMs: number): number {
  return requireInteger('retentionMs', retentionMs, { min: DAY_MS, max: 3650 * DAY_MS })
}

/**
 * Removes what is past its time, batch by batch, by `removeBatch`, which gives how many it has removed; how many in all. A batch
 * of `maxBatchLength`, 500 by default, is one statement or transaction: few enough that nobody waits long for what it has
 * locked.
 * @throws InvalidOptionError `INVALID_OPTION`; whatever `removeBatch` throws.
 */
export async function forgetInBatches(
  options: ForgetOptions,
  removeBatch: (retentionMs: number, limit: number) => Promise<number>,
  maxBatchLength = 500,
): Promise<number> {
  const retentionMs = requireRetention(options.retentionMs)
  const limit = requireInteger('limit', options.limit ?? 1000, { min: 1, max: 100_000 })
  let removed = 0
  while (removed < limit && options.signal?.aborted !== true) {
    const wanted = Math.min(maxBatchLength, limit - removed)
    const count = await removeBatch(retentionMs, wanted)
    removed += count
    if (count < wanted) break
  }
  return removed
}
