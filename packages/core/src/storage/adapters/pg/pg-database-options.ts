import { requireInteger } from '../../../errors/index.ts'
import { type Logger, silentLogger } from '../../../observability/index.ts'
import { type Clock, systemClock } from '../../../time/index.ts'
import type { PgPool } from './pg-pool.ts'

/** What a {@link PgDatabase} is made of. */
export interface PgDatabaseOptions {
  /** A `pg.Pool` (8.x). It stays yours: we never end it, and never change `pg.types`. */
  readonly pool: PgPool
  /** Transactions that callers may plan to have open at once, 1 to 10000. Default the pool's `max`, or 10. */
  readonly maxConcurrentTransactions?: number
  /** Milliseconds to wait for a free connection, 1 to 2^31 - 1. Default 30000 (30 seconds). */
  readonly acquireTimeoutMs?: number
  /**
   * Milliseconds to wait for the answer to one statement, 0 to 2^31 - 1; 0 waits as long as the server works.
   * Statements of a session and scripts may rightly take hours and are not limited. Default 60000 (one minute).
   */
  readonly statementTimeoutMs?: number
  /** Where a lost LISTEN connection and a throwing handler are told. Default silent. */
  readonly logger?: Logger
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
}

/** The defaults of {@link PgDatabaseOptions}, but for the pool and what is read off it. */
const DEFAULT_PG_DATABASE_OPTIONS = Object.freeze({
  maxConcurrentTransactions: 10,
  acquireTimeoutMs: 30_000,
  statementTimeoutMs: 60_000,
})

/** Options with every default filled in. */
export type ResolvedPgDatabaseOptions = Required<PgDatabaseOptions>

const MAX_TIMER_MS = 2 ** 31 - 1

/** @throws InvalidOptionError `INVALID_OPTION` on a number out of its range. */
export function resolvePgDatabaseOptions(options: PgDatabaseOptions): ResolvedPgDatabaseOptions {
  const defaults = DEFAULT_PG_DATABASE_OPTIONS
  const poolMax = options.pool.options?.max
  return {
    pool: options.pool,
    maxConcurrentTransactions: requireInteger(
      'maxConcurrentTransactions',
      options.maxConcurrentTransactions ?? poolMax ?? defaults.maxConcurrentTransactions,
      { min: 1, max: Math.min(10_000, poolMax ?? 10_000) },
    ),
    acquireTimeoutMs: requireInteger(
      'acquireTimeoutMs',
      options.acquireTimeoutMs ?? defaults.acquireTimeoutMs,
      {
        min: 1,
        max: MAX_TIMER_MS,
      },
    ),
    statementTimeoutMs: requireInteger(
      'statementTimeoutMs',
      options.statementTimeoutMs ?? defaults.statementTimeoutMs,
      { max: MAX_TIMER_MS },
    ),
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
  }
}
