import { InvalidOptionError, requireInteger, requireText } from '../errors/index.ts'
import { type Logger, silentLogger } from '../observability/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { type Clock, systemClock } from '../time/index.ts'
import type { Migration } from './migration.ts'

/** What a migrator is made of. */
export interface MigratorOptions {
  /** The database; the first schema of its `search_path` is migrated. Never closed here. */
  readonly database: SqlDatabase
  /** The files, as `readMigrationFolder` gives them; those of several folders may be joined in any order. */
  readonly migrations: readonly Migration[]
  /** Milliseconds to wait for another runner to end, 0 to 2147483647. Default 60000 (a minute). */
  readonly lockWaitMs?: number
  /**
   * Milliseconds that a statement of a file may wait for a lock of the database, 1 to 2147483647, so that a migration
   * never queues for ever behind a long query while all others queue behind it. Default 5000 (5 seconds). Files without
   * a transaction are not limited by it.
   */
  readonly lockTimeoutMs?: number
  /** Milliseconds that a statement of a file may take, 1 to 2147483647. Default 3600000 (an hour). */
  readonly statementTimeoutMs?: number
  /** Default silent. */
  readonly logger?: Logger
  /** Where waits and durations are measured. Default the system clock. */
  readonly clock?: Clock
}

/** What every call of a migrator takes. */
export interface SelectionOptions {
  /** The modules to look at, with all that they require. Default every module that has a file. */
  readonly modules?: readonly string[]
  /** Ends the wait for the database. */
  readonly signal?: AbortSignal
}

/** Further options of the calls that take the lock. */
export interface RunOptions extends SelectionOptions {
  /** Ends the wait for the lock, and the run between two files; a file that runs is run to its end. */
  readonly signal?: AbortSignal
}

/** Further options of `up`. */
export interface UpOptions extends RunOptions {
  /**
   * A role that an application works as which does not own the tables, 1 to 63 characters. It is given what it needs of the
   * selected modules: to read and to write rows, of the audit log only to add and to read, and to change the shape of nothing.
   * Name it at each `up`, for the tables that came. Default none.
   */
  readonly grantTo?: string
}

/** Options with every default filled in. */
export type ResolvedMigratorOptions = Required<MigratorOptions>

/** The defaults of a migrator. */
const DEFAULT_MIGRATOR_OPTIONS = Object.freeze({
  lockWaitMs: 60_000,
  lockTimeoutMs: 5000,
  statementTimeoutMs: 3_600_000,
  logger: silentLogger,
  clock: systemClock,
})

const MAX_MS = 2_147_483_647

/**
 * Fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function resolveMigratorOptions(options: MigratorOptions): ResolvedMigratorOptions {
  const resolved = { ...DEFAULT_MIGRATOR_OPTIONS, ...options }
  requireMigrations(options.migrations)
  requireInteger('lockWaitMs', resolved.lockWaitMs, { max: MAX_MS })
  requireInteger('lockTimeoutMs', resolved.lockTimeoutMs, { min: 1, max: MAX_MS })
  requireInteger('statementTimeoutMs', resolved.statementTimeoutMs, { min: 1, max: MAX_MS })
  return resolved
}

function requireMigrations(migrations: unknown): void {
  const isList =
    Array.isArray(migrations) && migrations.every((one) => typeof one === 'object' && one !== null)
  if (!isList) throw new InvalidOptionError('migrations', 'a list of migrations', migrations)
}

/**
 * Returns the modules asked for.
 * @throws InvalidOptionError `INVALID_OPTION` on an empty list or name.
 */
export function requireModules(options: SelectionOptions): readonly string[] | undefined {
  const { modules } = options
  if (modules === undefined) return undefined
  if (!Array.isArray(modules) || modules.length === 0) {
    throw new InvalidOptionError('modules', 'a list of at least one module', modules)
  }
  return modules.map((module) => requireText('modules', module))
}
