import { requireInteger } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** What a `FailureHistory` is made of. */
export interface FailureHistoryOptions {
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
  /** Failures kept of one task; what it adds is ignored, 1 to 1000. Default 20. */
  readonly maxFailuresOfTask?: number
  /** Failures kept of one tenant once they are pruned, the newest, 100 to 10000000. Default 100000. */
  readonly maxFailuresOfTenant?: number
  /** Days for which a failure is kept, 1 to 3650. Default 90. */
  readonly retentionDays?: number
}

/** The bounds of a history, with every default filled in. */
export type FailureHistoryBounds = Required<Omit<FailureHistoryOptions, 'database'>>

/** What is used where nothing is said. */
export const DEFAULT_FAILURE_HISTORY_BOUNDS: FailureHistoryBounds = Object.freeze({
  maxFailuresOfTask: 20,
  maxFailuresOfTenant: 100_000,
  retentionDays: 90,
})

/** Checks the bounds and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolveFailureHistoryBounds(options: Partial<FailureHistoryBounds>): FailureHistoryBounds {
  const defaults = DEFAULT_FAILURE_HISTORY_BOUNDS
  return {
    maxFailuresOfTask: requireInteger(
      'maxFailuresOfTask',
      options.maxFailuresOfTask ?? defaults.maxFailuresOfTask,
      { min: 1, max: 1000 },
    ),
    maxFailuresOfTenant: requireInteger(
      'maxFailuresOfTenant',
      options.maxFailuresOfTenant ?? defaults.maxFailuresOfTenant,
      { min: 100, max: 10_000_000 },
    ),
    retentionDays: requireInteger('retentionDays', options.retentionDays ?? defaults.retentionDays, {
      min: 1,
      max: 3650,
    }),
  }
}
