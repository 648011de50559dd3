import { requireInteger, requireMethods, withDefaults } from '../../../errors/index.ts'
import type { SqlDatabase } from '../../../storage/index.ts'
import type { CircuitPersistence, PersistedCircuit } from '../../ports/circuit-persistence.ts'
import { type CircuitRow, circuitOfRow, MILLISECONDS_SINCE_OPENED, rowOfCircuit } from './circuit-row.ts'

const DEFAULTS = Object.freeze({ database: undefined, retentionMs: 604_800_000 })

const MAX_LOADED = 10_000
/** More than a write brings in, so that the table shrinks to what is wanted. */
const MAX_FORGOTTEN = 1000

/** What a {@link SqlCircuitPersistence} is made of. */
export interface SqlCircuitPersistenceOptions {
  /** Where the table is. */
  readonly database: SqlDatabase
  /**
   * Milliseconds for which the row of a closed circuit is kept after its last change, 60000 to 31622400000 (366 days).
   * Older ones go with the next write. Default 604800000 (7 days).
   */
  readonly retentionMs?: number | undefined
}

/**
 * Circuits remembered in the table `circuit_breaker_state` of the migration module `resilience`, on PostgreSQL or
 * PGlite. Instants are the database's own, so that no two machines' clocks are compared.
 */
export class SqlCircuitPersistence implements CircuitPersistence {
  readonly #database: SqlDatabase
  readonly #retentionMs: number

  /** @throws InvalidOptionError `INVALID_OPTION` on a retention out of its range. */
  constructor(options: SqlCircuitPersistenceOptions) {
    const { database, retentionMs } = withDefaults(options, DEFAULTS)
    this.#database = requireMethods('database', database, ['query'])
    this.#retentionMs = requireInteger('retentionMs', retentionMs, { min: 60_000, max: 31_622_400_000 })
  }

  /** All circuits that are not closed, at most 10000, the one changed last first. @throws StorageError by code. */
  async load(): Promise<readonly PersistedCircuit[]> {
    const { rows } = await this.#database.query<CircuitRow>(
      `SELECT name, state, forced, forced_by, reason, failure_count, recovery_timeout_ms, version,
              ${MILLISECONDS_SINCE_OPENED} AS since_opened_ms
         FROM circuit_breaker_state
        WHERE state <> 'closed' OR forced IS NOT NULL
        ORDER BY updated_at DESC
        LIMIT $1`,
      [MAX_LOADED],
    )
    return rows.map(circuitOfRow)
  }

  /**
   * Writes the circuits in one statement, each unless a newer epoch of it is stored. Of one epoch, the row that knows of
   * more failures stays: that of the process which counted them. Then forgets closed circuits past their retention.
   * @throws StorageError by code.
   */
  async save(circuits: readonly PersistedCircuit[]): Promise<void> {
    if (circuits.length === 0) return
    // In one order everywhere, so that processes which write the same circuits do not wait for one another in a circle.
    const rows = [...circuits].sort((a, b) => (a.name < b.name ? -1 : 1)).map(rowOfCircuit)
    await this.#database.query(
      `INSERT INTO circuit_breaker_state AS stored
              (name, state, forced, forced_by, reason, failure_count, recovery_timeout_ms, version, opened_at,
               last_failure_at)
       SELECT c.name, c.state, c.forced, c.forced_by, c.reason, c.failure_count, c.recovery_timeout_ms, c.version,
              c.opened_at, CASE WHEN c.failure_count > 0 THEN c.opened_at END
         FROM (SELECT u.*, clock_timestamp() - u.since_opened_ms * interval '1 millisecond' AS opened_at
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
                             $8::bigint[], $9::bigint[])
                      AS u(name, state, forced, forced_by, reason, failure_count, recovery_timeout_ms, version,
                           since_opened_ms)) AS c
       ON CONFLICT (name) DO UPDATE
          SET state = excluded.state, forced = excluded.forced, forced_by = excluded.forced_by,
              reason = excluded.reason, failure_count = excluded.failure_count,
              recovery_timeout_ms = excluded.recovery_timeout_ms, version = excluded.version,
              opened_at = excluded.opened_at,
              last_failure_at = coalesce(excluded.last_failure_at, stored.last_failure_at),
              updated_at = clock_timestamp()
        WHERE excluded.version > stored.version
           OR (excluded.version = stored.version AND excluded.failure_count > stored.failure_count)`,
      [
        rows.map((row) => row.name),
        rows.map((row) => row.state),
        rows.map((row) => row.forced),
        rows.map((row) => row.forced_by),
        rows.map((row) => row.reason),
        rows.map((row) => row.failure_count),
        rows.map((row) => row.recovery_timeout_ms),
        rows.map((row) => row.version),
        rows.map((row) => row.since_opened_ms),
      ],
    )
    await this.#forgetClosed()
  }

  /** Rows that another process is writing or forgetting are left to it. */
  async #forgetClosed(): Promise<void> {
    await this.#database.query(
      `DELETE FROM circuit_breaker_state
        WHERE name IN (SELECT name
                         FROM circuit_breaker_state
                        WHERE state = 'closed' AND forced IS NULL
                          AND updated_at < clock_timestamp() - $1::bigint * interval '1 millisecond'
                        ORDER BY updated_at
                        LIMIT $2
                          FOR UPDATE SKIP LOCKED)`,
      [this.#retentionMs, MAX_FORGOTTEN],
    )
  }
}
