export {
  type MigrateArguments,
  type MigrateCommand,
  type MigrateReading,
  type MigrateReadingOptions,
  readMigrateArguments,
} from './cli-arguments.ts'
export { hasProblems, type MigrateOutcome, migrateLines, runMigrateCommand } from './migrate-command.ts'
export { type Migration, parseMigration } from './migration.ts'
export { MigrationError, type MigrationErrorCode } from './migration-error.ts'
export type { MigrationHeader } from './migration-header.ts'
export type { PlanOptions } from './migration-plan.ts'
export type { BegunRecord, FinishedRecord, MigrationRecord, RecordFacts } from './migration-record.ts'
export type {
  BaselineReport,
  DryRunReport,
  MigrationRun,
  MigrationTitle,
  RepairLine,
  RepairReport,
  SelectionReport,
  StatusReport,
  UpReport,
} from './migration-report.ts'
export { Migrator } from './migrator.ts'
export type {
  MigrationRunOptions,
  MigratorOptions,
  SelectionOptions,
  UpOptions,
} from './migrator-options.ts'
export { readMigrationFolder } from './read-migration-folder.ts'
export { readPackageMigrations } from './read-package-migrations.ts'
export type { RepairVerdict } from './repair-decision.ts'
export type { RepairOptions } from './repair-records.ts'
