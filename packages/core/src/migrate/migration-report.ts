import type { Migration } from './migration.ts'
import type { MigrationError } from './migration-error.ts'
import type { MigrationRecord } from './migration-record.ts'
import type { RepairDecision } from './repair-decision.ts'

/** Which migration a line of a report is about. */
export interface MigrationTitle {
  readonly version: number
  readonly name: string
  readonly module: string
}

/** A migration that was run. */
export interface MigrationRun extends MigrationTitle {
  /** Milliseconds that its file took. */
  readonly durationMs: number
}

/** Which modules a call looked at. */
export interface SelectionReport {
  /** The modules asked for and those that they require. */
  readonly modules: readonly string[]
  /** Of these, the ones that only a requirement brought in. */
  readonly includedModules: readonly string[]
}

/** What `up` did. */
export interface UpReport extends SelectionReport {
  /** The files that ran, in order; empty when all were applied before. */
  readonly applied: readonly MigrationRun[]
  /** The role that was given rights; absent where none was named. */
  readonly grantedTo?: string
}

/** What `dryRun` found. Nothing of it has stayed. */
export interface DryRunReport extends SelectionReport {
  /** The files that ran and were rolled back. */
  readonly ran: readonly MigrationRun[]
  /** The files that `up` would run and that cannot be tried in a transaction. */
  readonly notTried: readonly MigrationTitle[]
}

/** Where each migration stands. */
export interface StatusReport extends SelectionReport {
  /** What is recorded, in order of version. */
  readonly records: readonly MigrationRecord[]
  /** What `up` would run, in order of version. */
  readonly pending: readonly MigrationTitle[]
  /** Why `up` would refuse; empty when it would not. */
  readonly problems: readonly MigrationError[]
}

/** What `baseline` recorded. */
export interface BaselineReport extends SelectionReport {
  readonly recorded: readonly MigrationTitle[]
}

/** What `repair` did about one migration. */
export interface RepairLine extends MigrationTitle {
  readonly action: Exclude<RepairDecision['action'], 'ask'> | 'accept'
  /** What was seen in the database, or who decided. */
  readonly because: string
}

/** What `repair` did. */
export interface RepairReport {
  readonly repaired: readonly RepairLine[]
}

/** The title of a migration or record, without the rest. */
export function titleOf(migration: Migration | MigrationRecord): MigrationTitle {
  return { version: migration.version, name: migration.name, module: migration.module }
}
