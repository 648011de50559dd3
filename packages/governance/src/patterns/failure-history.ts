import { requireTenantId } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { TimeError } from '@golden-arch/core/time'
import { type Detection, judgeFixes } from './detect-patterns.ts'
import { type DetectionOptions, resolveDetectionOptions } from './detection-options.ts'
import {
  type FailureHistoryOptions,
  type ResolvedFailureHistoryOptions,
  resolveFailureHistoryOptions,
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

/** Whose failures are judged, and when a fix is a pattern. */
export interface DetectionQuery extends DetectionOptions {
  readonly tenantId: string
}

/** Failures kept of one task; what it adds is ignored. */
const MAX_FAILURES_OF_TASK = 20
/** Failures removed in one transaction. */
const FORGET_BATCH = 500

/**
 * The failures of guards and what was tried on them. Each is stored once; the counts by which patterns are told are kept
 * by the database with each change, so telling them reads no history.
 */
export class FailureHistory {
  readonly #options: ResolvedFailureHistoryOptions

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: FailureHistoryOptions) {
    this.#options = resolveFailureHistoryOptions(options)
  }

  /**
   * Records a failure, at the database's clock: `duplicate` where this attempt of this guard in this task is recorded,
   * whatever it says, `ignored` where the task has as many as are kept of one, 20. With `tx` it is recorded in the
   * transaction that tells of the outcome; one failure in a transaction, as two that record several each may wait for one
   * another.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code; then `tx` must roll back.
   */
  async record(
    failure: RecordedFailure,
    { tx }: { readonly tx?: SqlTransaction | undefined } = {},
  ): Promise<FailureRecording> {
    requireFailure(failure)
    const recordWith = async (within: SqlTransaction): Promise<FailureRecording> => {
      await lockFailures(within, failure.tenantId, 'record')
      return insertFailure(within, failure, MAX_FAILURES_OF_TASK)
    }
    return tx === undefined ? this.#options.database.transaction(recordWith) : recordWith(tx)
  }

  /**
   * What the failures of a tenant teach: the same as `detectPatterns` says of all that are kept.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async detect({ tenantId, ...options }: DetectionQuery): Promise<Detection> {
    const resolved = resolveDetectionOptions(options)
    requireTenantId(tenantId)
    const limit = resolved.maxCandidates + 1
    return judgeFixes(
      await selectCounts(this.#options.database, tenantId, resolved.minTasks, limit),
      resolved,
    )
  }

  /**
   * Removes the failures of a tenant that are too old or too many, oldest first, 500 in a transaction. Resolves with how
   * many were removed.
   * @throws InvalidOptionError `INVALID_OPTION`; TimeError `ABORTED`; StorageError by code.
   */
  async forgetOld({ tenantId, signal }: TenantCall): Promise<number> {
    requireTenantId(tenantId)
    const { retentionMs, maxFailuresOfTenant } = this.#options
    const bounds = { retentionMs, maxKept: maxFailuresOfTenant, limit: FORGET_BATCH }
    for (let removed = 0; ; ) {
      if (signal?.aborted === true) throw TimeError.aborted(signal.reason)
      const batch = await this.#options.database.transaction(async (tx) => {
        await lockFailures(tx, tenantId, 'prune')
        return deleteOldFailures(tx, tenantId, bounds)
      })
      removed += batch
      if (batch < FORGET_BATCH) return removed
    }
  }
}
