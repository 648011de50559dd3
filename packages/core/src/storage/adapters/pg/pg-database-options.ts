import { type Complete, requireInteger, requireMethods, withDefaults } from '../../../errors/index.ts'
import { type Logger, silentLogger } from '../../../observability/index.ts'
import { type Clock, MAX_TIMER_MS, systemClock } from '../../../time/index.ts'
import type { PgPool } from './pg-pool.ts'

/** What a {@link PgDatabase} is made of. */
export interface PgDatabaseOptions {
  /**
   * A `pg.Pool` (8.x), made with `onConnect: endWithClient` unless the role or the database sets as much. It stays yours:
   * we never end it, and never change `pg.types`.
   */
  readonly pool: PgPool
  /** Transactions that callers may plan to have open at once, 1 to 10000. Default the pool's `max`, or 10. */
  readonly maxConcurrentTransactions?: number | undefined
  /** Milliseconds to wait for a free connection, 1 to 2^31 - 1. Default 30000 (30 seconds). */
  readonly acquireTimeoutMs?: number | undefined
  /**
   * Milliseconds to wait for the answer to one statement, 0 to 2^31 - 1; 0 waits as long as the server works.
   * Statements of a session and scripts may rightly take hours and are not limited. Default 60000 (one minute).
   */
  readonly statementTimeoutMs?: number | undefined
  /** Where a lost LISTEN connection and a throwing handler are told. Default: none. */
  readonly logger?: Logger | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The defaults of {@link PgDatabaseOptions}, but for what is read off the pool. */
const DEFAULT_PG_DATABASE_OPTIONS = Object.freeze({
  pool: undefined,
  maxConcurrentTransactions: undefined,
  acquireTimeoutMs: 30_000,
  statementTimeoutMs: 60_000,
  logger: silentLogger,
  clock: systemClock,
})

/** Where neither the options nor the pool say how many. */
const DEFAULT_CONNECTIONS = 10

/** Options with every default filled in. */
export type ResolvedPgDatabaseOptions = Complete<PgDatabaseOptions>

/** @throws InvalidOptionError `INVALID_OPTION` on a number out of its range. */
export function resolvePgDatabaseOptions(options: PgDatabaseOptions): ResolvedPgDatabaseOptions {
  const resolved = withDefaults(options, DEFAULT_PG_DATABASE_OPTIONS)
  const poolMax = requireMethods('pool', resolved.pool, ['connect', 'on']).options?.max
  requireInteger('acquireTimeoutMs', resolved.acquireTimeoutMs, { min: 1, max: MAX_TIMER_MS })
  requireInteger('statementTimeoutMs', resolved.statementTimeoutMs, { max: MAX_TIMER_MS })
  return {
    ...resolved,
    maxConcurrentTransactions: requireInteger(
      'maxConcurrentTransactions',
      resolved.maxConcurrentTransactions ?? poolMax ?? DEFAULT_CONNECTIONS,
      { min: 1, max: Math.min(10_000, poolMax ?? 10_000) },
    ),
  }
}
