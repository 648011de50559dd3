import {
  type Complete,
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireText,
  withDefaults,
} from '../errors/index.ts'
import { type Logger, quietLogger, silentLogger } from '../observability/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { type Clock, MAX_TIMER_MS, systemClock } from '../time/index.ts'
import type { Migration } from './migration.ts'

/** What a migrator is made of. */
export interface MigratorOptions {
  /** The database; the first schema of its `search_path` is migrated. Never closed here. */
  readonly database: SqlDatabase
  /** The files, as `readMigrationFolder` gives them; those of several folders may be joined in any order. */
  readonly migrations: readonly Migration[]
  /** Milliseconds to wait for another runner to end, 0 to 2147483647. Default 60000 (a minute). */
  readonly lockWaitMs?: number | undefined
  /**
   * Milliseconds that a statement of a file may wait for a lock of the database, 1 to 2147483647, so that a migration
   * never queues for ever behind a long query while all others queue behind it. Default 5000 (5 seconds). Files without
   * a transaction are not limited by it.
   */
  readonly lockTimeoutMs?: number | undefined
  /** Milliseconds that a statement of a file may take, 1 to 2147483647. Default 3600000 (an hour). */
  readonly statementTimeoutMs?: number | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Where waits and durations are measured. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** What every call of a migrator takes. */
export interface SelectionOptions {
  /** The modules to look at, with all that they require. Default every module that has a file. */
  readonly modules?: readonly string[] | undefined
  /** Ends the wait for the database. */
  readonly signal?: AbortSignal | undefined
}

/** Further options of the calls that take the lock. */
export interface MigrationRunOptions extends SelectionOptions {
  /** Ends the wait for the lock, and the run between two files; a file that runs is run to its end. */
  readonly signal?: AbortSignal | undefined
}

/** Further options of `up`. */
export interface UpOptions extends MigrationRunOptions {
  /**
   * A role that an application works as which does not own the tables, 1 to 63 characters. It is given what it needs of the
   * selected modules: to read and to write rows, of the audit log only to add and to read, and to change the shape of nothing.
   * Name it at each `up`, for the tables that came. Default: none.
   */
  readonly grantTo?: string | undefined
}

/** Options with every default filled in. */
export type ResolvedMigratorOptions = Complete<MigratorOptions>

/** The defaults of a migrator. */
const DEFAULT_MIGRATOR_OPTIONS = Object.freeze({
  database: undefined,
  migrations: undefined,
  lockWaitMs: 60_000,
  lockTimeoutMs: 5000,
  statementTimeoutMs: 3_600_000,
  logger: silentLogger,
  clock: systemClock,
})

/**
 * Fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function resolveMigratorOptions(options: MigratorOptions): ResolvedMigratorOptions {
  const resolved = withDefaults(options, DEFAULT_MIGRATOR_OPTIONS)
  requireMethods('database', resolved.database, ['query', 'session'])
  requireMigrations(resolved.migrations)
  requireInteger('lockWaitMs', resolved.lockWaitMs, { max: MAX_TIMER_MS })
  requireInteger('lockTimeoutMs', resolved.lockTimeoutMs, { min: 1, max: MAX_TIMER_MS })
  requireInteger('statementTimeoutMs', resolved.statementTimeoutMs, { min: 1, max: MAX_TIMER_MS })
  return { ...resolved, logger: quietLogger(resolved.logger) }
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
