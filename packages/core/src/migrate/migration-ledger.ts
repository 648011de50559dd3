import type { SqlExecutor, SqlTransaction } from '../storage/index.ts'
import type { Migration } from './migration.ts'
import { MigrationError } from './migration-error.ts'
import type { MigrationRecord } from './migration-record.ts'
import { quotedName } from './quoted-name.ts'

/** Names the rules by which this runner writes records; it changes when they do. */
const RUNNER_VERSION = '1'

interface RecordRow {
  readonly version: number
  readonly name: string
  readonly module: string
  readonly checksum: string
  readonly applied_at: Date
  readonly applied_by: string
  readonly duration_ms: bigint
  readonly runner_version: string
  readonly state: 'done' | 'baseline' | 'running'
}

/**
 * The table `schema_migrations` of one schema. It is always named with its schema: a migration may change the
 * `search_path` of the session that runs it.
 */
export class MigrationLedger {
  readonly schema: string
  /** The table with its schema, ready for SQL. */
  readonly table: string

  private constructor(schema: string) {
    this.schema = schema
    this.table = `${quotedName(schema)}.schema_migrations`
  }

  /** The ledger of the schema that new tables of `executor` go to. */
  static async of(executor: SqlExecutor): Promise<MigrationLedger> {
    const { rows } = await executor.query<{ schema: string | null }>(
      'SELECT current_schema()::text AS schema',
    )
    const schema = rows[0]?.schema
    if (typeof schema === 'string') return new MigrationLedger(schema)
    throw new MigrationError({
      code: 'MIGRATION_SCHEMA_MISSING',
      message: 'the search_path of this connection names no schema that exists',
    })
  }

  /** Makes the table where there is none. Call it with the lock held. */
  async create(executor: SqlExecutor): Promise<void> {
    if (await this.#exists(executor)) return
    await executor.query(`CREATE TABLE ${this.table} (
      version        integer     PRIMARY KEY CHECK (version >= 1),
      name           text        NOT NULL,
      module         text        NOT NULL,
      checksum       text        NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
      applied_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
      applied_by     text        NOT NULL DEFAULT current_user,
      duration_ms    bigint      NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
      runner_version text        NOT NULL,
      state          text        NOT NULL CHECK (state IN ('done', 'baseline', 'running')))`)
    await executor.query(
      `COMMENT ON TABLE ${this.table} IS 'The migrations that were applied to this schema.'`,
    )
    await executor.query(
      `COMMENT ON COLUMN ${this.table}.state IS 'done: it ran; baseline: taken as done without running; running: begun outside a transaction, end unknown.'`,
    )
  }

  /** All records in order of version; none where there is no table. */
  async read(executor: SqlExecutor): Promise<readonly MigrationRecord[]> {
    if (!(await this.#exists(executor))) return []
    const { rows } = await executor.query<RecordRow>(
      `SELECT version, name, module, checksum, applied_at, applied_by, duration_ms, runner_version, state
         FROM ${this.table} ORDER BY version`,
    )
    return rows.map(recordOf)
  }

  /** Records a migration; a version that is recorded already is a `UNIQUE_VIOLATION`. */
  async insert(
    executor: SqlExecutor,
    migration: Migration,
    state: MigrationRecord['state'],
    durationMs: number,
  ): Promise<void> {
    await executor.query(
      `INSERT INTO ${this.table} (version, name, module, checksum, duration_ms, runner_version, state)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        migration.version,
        migration.name,
        migration.module,
        migration.checksum,
        Math.round(durationMs),
        RUNNER_VERSION,
        state,
      ],
    )
  }

  /** Marks a begun migration as done. */
  async finish(executor: SqlExecutor, version: number, durationMs: number): Promise<void> {
    await executor.query(
      `UPDATE ${this.table} SET state = 'done', duration_ms = $2 WHERE version = $1 AND state = 'running'`,
      [version, Math.round(durationMs)],
    )
  }

  /** Forgets a begun migration, so that it runs again. */
  async forget(executor: SqlExecutor, version: number): Promise<void> {
    await executor.query(`DELETE FROM ${this.table} WHERE version = $1 AND state = 'running'`, [version])
  }

  /** Takes the file as it is now for what was applied. */
  async accept(tx: SqlTransaction, migration: Migration): Promise<void> {
    await tx.query(`UPDATE ${this.table} SET name = $2, checksum = $3 WHERE version = $1`, [
      migration.version,
      migration.name,
      migration.checksum,
    ])
  }

  async #exists(executor: SqlExecutor): Promise<boolean> {
    const { rows } = await executor.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [
      this.table,
    ])
    return rows[0]?.found === true
  }
}

function recordOf(row: RecordRow): MigrationRecord {
  const facts = {
    version: row.version,
    name: row.name,
    module: row.module,
    checksum: row.checksum,
    appliedAt: row.applied_at,
    appliedBy: row.applied_by,
    runnerVersion: row.runner_version,
  }
  return row.state === 'running'
    ? { ...facts, state: row.state }
    : { ...facts, state: row.state, durationMs: Number(row.duration_ms) }
}
