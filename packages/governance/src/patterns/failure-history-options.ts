import { requireInteger, requireMethods, withDefaults } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** What a `FailureHistory` is made of. */
export interface FailureHistoryOptions {
  /** A database with the migration module `governance`. Never closed here. */
  readonly database: SqlDatabase
  /** Failures kept of one tenant once old ones are forgotten, the newest, 100 to 10000000. Default 100000. */
  readonly maxFailuresOfTenant?: number | undefined
  /** Milliseconds for which a failure is kept, 1 day to 10 years. Default 7776000000 (90 days). */
  readonly retentionMs?: number | undefined
}

/** The options, checked and filled in. */
export interface ResolvedFailureHistoryOptions {
  readonly database: SqlDatabase
  readonly maxFailuresOfTenant: number
  readonly retentionMs: number
}

const DAY_MS = 86_400_000
const DEFAULTS = { database: undefined, maxFailuresOfTenant: 100_000, retentionMs: 90 * DAY_MS }

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolveFailureHistoryOptions(options: FailureHistoryOptions): ResolvedFailureHistoryOptions {
  const { database, maxFailuresOfTenant, retentionMs } = withDefaults(options, DEFAULTS)
  return {
    database: requireMethods('database', database, ['query', 'transaction']),
    maxFailuresOfTenant: requireInteger('maxFailuresOfTenant', maxFailuresOfTenant, {
      min: 100,
      max: 10_000_000,
    }),
    retentionMs: requireInteger('retentionMs', retentionMs, { min: DAY_MS, max: 3650 * DAY_MS }),
  }
}
