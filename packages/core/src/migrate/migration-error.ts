import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type MigrationErrorCode =
  | 'MIGRATION_FOLDER_UNREADABLE'
  | 'MIGRATION_NAME_INVALID'
  | 'MIGRATION_FILE_INVALID'
  | 'MIGRATION_HEADER_INVALID'
  | 'MIGRATION_PSQL_COMMAND'
  | 'MIGRATION_TRANSACTION_CONTROL'
  | 'MIGRATION_VERSION_DUPLICATE'
  | 'MIGRATION_VERSION_TAKEN'
  | 'MIGRATION_VERSION_UNKNOWN'
  | 'MIGRATION_MODULE_UNKNOWN'
  | 'MIGRATION_REQUIREMENT_MISSING'
  | 'MIGRATION_DRIFT'
  | 'MIGRATION_FILE_MISSING'
  | 'MIGRATION_OUT_OF_ORDER'
  | 'MIGRATION_INTERRUPTED'
  | 'MIGRATION_LOCK_TIMEOUT'
  | 'MIGRATION_LOCK_NOT_HELD'
  | 'MIGRATION_SCHEMA_MISSING'
  | 'MIGRATION_FAILED'
  | 'MIGRATION_REPAIR_UNDECIDED'
  | 'MIGRATION_CLIENT_MISSING'
  | 'MIGRATION_ROLE_UNKNOWN'

/**
 * Migrations were refused or failed. Where a file and its record are compared, `details` holds both hashes:
 * `fileChecksum` and `recordedChecksum`, null for the one that does not exist. Retryable: `MIGRATION_LOCK_TIMEOUT`, and
 * `MIGRATION_FAILED` where its cause is.
 */
export class MigrationError extends GoldenError<MigrationErrorCode> {}
