import type { CircuitBreakerRegistry, CircuitState, CircuitView } from '@golden-arch/core/resilience'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'

/** A circuit breaker as people see it, wherever it is. */
export interface BoardedBreaker {
  readonly name: string
  readonly status: CircuitState['status']
  readonly failureCount: number
  /** Why it is as it is; null where it is closed. */
  readonly reason: string | null
  /** Milliseconds until a probe may be let through; null unless it is open. */
  readonly retryAfterMs: number | null
  /** When it last opened for failures; null where that is not known. */
  readonly lastFailureAt: Date | null
}

/** What a circuit breaker became, and when. */
export interface BreakerChange {
  readonly status: Exclude<CircuitState['status'], 'half-open'>
  /** Why; null where it closed. */
  readonly reason: string | null
  readonly at: Date
}

/** What a {@link BreakerBoard} is made of. */
export interface BreakerBoardOptions {
  /** The breakers of this process. */
  readonly registry: CircuitBreakerRegistry
  /** Where those of all processes are remembered. */
  readonly database: SqlDatabase
  /** That of the registry. Default the system clock. */
  readonly clock?: Clock
}

interface StoredRow {
  readonly name: string
  readonly status: Exclude<CircuitState['status'], 'half-open'>
  readonly failure_count: bigint
  readonly reason: string | null
  readonly retry_after_ms: bigint | null
  readonly last_failure_at: Date | null
}

/** No more circuits than a registry remembers. */
const MAX_STORED = 10_000

/** The circuit breakers of all processes: of this one as they are, of the others as they were last remembered. */
export class BreakerBoard {
  readonly #registry: CircuitBreakerRegistry
  readonly #database: SqlDatabase
  readonly #clock: Clock

  constructor({ registry, database, clock = systemClock }: BreakerBoardOptions) {
    this.#registry = registry
    this.#database = database
    this.#clock = clock
  }

  /** All that fit the pattern (`*` stands for any letters), by name. @throws InvalidOptionError, StorageError by code. */
  async list(pattern = '*'): Promise<readonly BoardedBreaker[]> {
    const here = this.#registry.list(pattern)
    const stored = await this.#stored(pattern)
    const byName = new Map(stored.map((row) => [row.name, ofStored(row)]))
    for (const circuit of here) {
      const lastFailureAt = byName.get(circuit.name)?.lastFailureAt ?? null
      byName.set(circuit.name, { ...this.#ofCircuit(circuit), lastFailureAt })
    }
    return [...byName.values()].toSorted((left, right) => compareNames(left.name, right.name))
  }

  /** Whether a person holds a pattern that this name fits, whether such a circuit was heard of or not. @throws StorageError by code. */
  async isHeldByPattern(name: string): Promise<boolean> {
    const { rows } = await this.#database.query(
      `SELECT 1 FROM circuit_breaker_state
        WHERE forced IS NOT NULL AND name LIKE '%*%'
          AND $1 LIKE replace(replace(replace(replace(name, '\\', '\\\\'), '%', '\\%'), '_', '\\_'), '*', '%')
        LIMIT 1`,
      [name],
    )
    return rows.length > 0
  }

  /** The last `limit` changes of one, as they were remembered, the newest first. @throws StorageError by code. */
  async history(name: string, limit: number): Promise<readonly BreakerChange[]> {
    const { rows } = await this.#database.query<BreakerChange>(
      `SELECT status, reason, at FROM circuit_breaker_history WHERE name = $1 ORDER BY position DESC LIMIT $2::int`,
      [name, limit],
    )
    return rows
  }

  /** How many let no call pass but a probe. @throws StorageError by code. */
  async countOpen(): Promise<number> {
    const breakers = await this.list()
    return breakers.filter(({ status }) => OPEN.has(status)).length
  }

  #ofCircuit({ name, state, failureCount }: CircuitView): Omit<BoardedBreaker, 'lastFailureAt'> {
    return {
      name,
      status: state.status,
      failureCount,
      reason: 'reason' in state ? state.reason : null,
      retryAfterMs:
        state.status === 'open' ? Math.max(0, Math.ceil(state.reopenAtMs - this.#clock.monotonicMs())) : null,
    }
  }

  async #stored(pattern: string): Promise<readonly StoredRow[]> {
    const { rows } = await this.#database.query<StoredRow>(
      `SELECT name, failure_count, last_failure_at, coalesce(forced_by, reason) AS reason,
              circuit_breaker_status(state, forced) AS status,
              CASE WHEN forced IS NULL AND state <> 'closed'
                   THEN greatest(0, recovery_timeout_ms - extract(epoch FROM clock_timestamp() - opened_at) * 1000)::bigint
                   END AS retry_after_ms
         FROM circuit_breaker_state
        WHERE name LIKE $1 ORDER BY updated_at DESC LIMIT $2::int`,
      [likeOf(pattern), MAX_STORED],
    )
    return rows
  }
}

const OPEN: ReadonlySet<CircuitState['status']> = new Set(['open', 'half-open', 'forced-open'])

function ofStored(row: StoredRow): BoardedBreaker {
  return {
    name: row.name,
    status: row.status,
    failureCount: Number(row.failure_count),
    reason: row.status === 'closed' ? null : row.reason,
    retryAfterMs: row.retry_after_ms === null ? null : Number(row.retry_after_ms),
    lastFailureAt: row.last_failure_at,
  }
}

function likeOf(pattern: string): string {
  return pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
}

/** By code points, as no locale changes it. */
export function compareNames(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
