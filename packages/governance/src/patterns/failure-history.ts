import { requireText } from '@golden-arch/core/errors'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { TimeError } from '@golden-arch/core/time'
import { type Detection, judgeFixes } from './detect-patterns.ts'
import { type DetectionOptions, resolveDetectionOptions } from './detection-options.ts'
import {
  type FailureHistoryBounds,
  type FailureHistoryOptions,
  resolveFailureHistoryBounds,
} from './failure-history-options.ts'
import {
  deleteOldFailures,
  type FailureRecording,
  insertFailure,
  lockFailures,
  selectCounts,
} from './failure-rows.ts'
import { type RecordedFailure, requireFailure } from './recorded-failure.ts'

/** Which tenant, and what ends the waiting. */
export interface TenantCall {
  readonly tenantId: string
  /** Stops the call between two steps, each of which is a transaction. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

/** Failures removed in one transaction. */
const PRUNE_BATCH = 500

/**
 * The failures of guards and what was tried on them. Each is stored once; the counts by which patterns are told are kept
 * by the database with each change, so telling them reads no history.
 */
export class FailureHistory {
  readonly #database: SqlDatabase
  readonly #bounds: FailureHistoryBounds

  constructor(options: FailureHistoryOptions) {
    this.#database = options.database
    this.#bounds = resolveFailureHistoryBounds(options)
  }

  /**
   * Records a failure, at the database's clock: `duplicate` where this attempt of this guard in this task is recorded,
   * whatever it says, `ignored` where the task has as many as are kept of one.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async record(failure: RecordedFailure): Promise<FailureRecording> {
    requireFailure(failure)
    return this.#database.transaction((tx) => this.recordWith(tx, failure))
  }

  /**
   * The same with `tx`, in the transaction that tells of the outcome. Record one failure in a transaction: two that
   * record several each may wait for one another.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code; then the transaction must roll back.
   */
  async recordWith(tx: SqlTransaction, failure: RecordedFailure): Promise<FailureRecording> {
    requireFailure(failure)
    await lockFailures(tx, failure.tenantId, 'record')
    return insertFailure(tx, failure, this.#bounds.maxFailuresOfTask)
  }

  /**
   * What the failures of a tenant teach: the same as `detectPatterns` says of all that are kept.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async detect(tenantId: string, options: DetectionOptions = {}): Promise<Detection> {
    const resolved = resolveDetectionOptions(options)
    requireText('tenantId', tenantId, 128)
    const limit = resolved.maxCandidates + 1
    return judgeFixes(await selectCounts(this.#database, tenantId, resolved.minTasks, limit), resolved)
  }

  /**
   * Removes the failures of a tenant that are too old or too many, oldest first, 500 in a transaction. Resolves with how
   * many were removed.
   * @throws InvalidOptionError `INVALID_OPTION`; TimeError `ABORTED`; StorageError by code.
   */
  async prune({ tenantId, signal }: TenantCall): Promise<number> {
    requireText('tenantId', tenantId, 128)
    const { retentionDays, maxFailuresOfTenant } = this.#bounds
    const bounds = { days: retentionDays, maxKept: maxFailuresOfTenant, limit: PRUNE_BATCH }
    for (let removed = 0; ; ) {
      if (signal?.aborted === true) throw TimeError.aborted(signal.reason)
      const batch = await this.#database.transaction(async (tx) => {
        await lockFailures(tx, tenantId, 'prune')
        return deleteOldFailures(tx, tenantId, bounds)
      })
      removed += batch
      if (batch < PRUNE_BATCH) return removed
    }
  }
}
