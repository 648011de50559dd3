import type { Migration } from './migration.ts'
import type { MigrationSelection } from './migration-catalogue.ts'
import { MigrationError, type MigrationErrorCode } from './migration-error.ts'
import type { MigrationRecord } from './migration-record.ts'

/** What is to be done, and what stands against it. */
export interface MigrationPlan {
  /** Files without a record, in order of version. */
  readonly pending: readonly Migration[]
  /** Why nothing may run, in order of version; empty when all is well. */
  readonly problems: readonly MigrationError[]
}

/** What a plan may overlook. */
export interface PlanOptions {
  /** Whether a file may run although a later one of its module has. Default false. */
  readonly allowOutOfOrder?: boolean | undefined
}

/**
 * Compares files with records. Order is kept within each module; a record of a module that was not selected is another
 * application's affair, unless it holds a version that a selected file needs.
 */
export function planMigrations(
  selection: MigrationSelection,
  records: readonly MigrationRecord[],
  options: PlanOptions = {},
): MigrationPlan {
  const recordOf = new Map(records.map((record) => [record.version, record]))
  const fileOf = new Map(selection.migrations.map((migration) => [migration.version, migration]))
  const problems: MigrationError[] = []
  for (const record of records) {
    if (!selection.modules.includes(record.module)) continue
    if (record.state === 'running') problems.push(interrupted(record))
    if (!fileOf.has(record.version)) problems.push(fileMissing(record, selection.migrations))
  }
  const pending = selection.migrations.filter((migration) => !recordOf.has(migration.version))
  for (const migration of selection.migrations) {
    const record = recordOf.get(migration.version)
    if (record !== undefined) {
      if (!isSame(migration, record)) problems.push(different(migration, record))
      continue
    }
    const later = records.findLast(
      ({ module, version }) => module === migration.module && version > migration.version,
    )
    if (later !== undefined && options.allowOutOfOrder !== true) problems.push(outOfOrder(migration, later))
  }
  problems.sort((one, other) => Number(one.details.version) - Number(other.details.version))
  return { pending, problems }
}

/** Whether a file is what was applied. */
export function isSame(migration: Migration, record: MigrationRecord): boolean {
  return (
    migration.checksum === record.checksum &&
    migration.name === record.name &&
    migration.module === record.module
  )
}

function different(migration: Migration, record: MigrationRecord): MigrationError {
  const file = `file ${migration.fileName} of module ${migration.module} (${migration.checksum})`
  const recorded = `${titleOf(record)} of module ${record.module} (${record.checksum})`
  return migration.module === record.module
    ? problem(
        'MIGRATION_DRIFT',
        `${file} differs from what was applied, ${recorded}; put the file back as it was and make the change in a new one, ` +
          'or accept the drift in a repair where the database is as the file says by now',
        migration,
        record,
      )
    : problem(
        'MIGRATION_VERSION_TAKEN',
        `${file} needs a version that is held by ${recorded}`,
        migration,
        record,
      )
}

function outOfOrder(migration: Migration, later: MigrationRecord): MigrationError {
  const message =
    `file ${migration.fileName} (${migration.checksum}) is not applied, but ${titleOf(later)} (${later.checksum}) ` +
    `of the same module ${migration.module} is; give it a higher number, or allow it out of order`
  return problem('MIGRATION_OUT_OF_ORDER', message, migration, later)
}

function fileMissing(record: MigrationRecord, files: readonly Migration[]): MigrationError {
  const moved = files.find((migration) => migration.checksum === record.checksum)
  const hint = moved === undefined ? '' : `; ${moved.fileName} has the same content`
  const message = `${titleOf(record)} (${record.checksum}) is applied, but there is no such file (no checksum)${hint}`
  return problem('MIGRATION_FILE_MISSING', message, undefined, record)
}

function interrupted(record: MigrationRecord): MigrationError {
  const message = `${titleOf(record)} was begun at ${record.appliedAt.toISOString()} and did not end; run repair`
  return problem('MIGRATION_INTERRUPTED', message, undefined, record)
}

function problem(
  code: MigrationErrorCode,
  message: string,
  file: Migration | undefined,
  record: MigrationRecord,
): MigrationError {
  const details = {
    version: file?.version ?? record.version,
    name: file?.name ?? record.name,
    module: file?.module ?? record.module,
    fileChecksum: file?.checksum ?? null,
    recordedVersion: record.version,
    recordedChecksum: record.checksum,
  }
  return new MigrationError({ code, message, details })
}

function titleOf(record: MigrationRecord): string {
  return `${String(record.version).padStart(3, '0')}_${record.name}`
}
