import { checksumOf, normalizeSql } from './checksum.ts'
import { MigrationError, type MigrationErrorCode } from './migration-error.ts'
import { type MigrationHeader, readMigrationHeader } from './migration-header.ts'
import { type SqlScan, type SqlStatement, scanSql } from './sql-scanner.ts'
import { copiesThroughClient, transactionCommandOf } from './statement-rules.ts'

/** One migration file, read and found to be sound. */
export interface Migration extends MigrationHeader {
  /** The number that its file name begins with, 1 to 999,999,999. */
  readonly version: number
  /** What stands between the number and `.sql`. */
  readonly name: string
  readonly fileName: string
  /** SHA-256 of `sql`, in hexadecimal. */
  readonly checksum: string
  /** The file's text without a byte order mark, with LF line ends. */
  readonly sql: string
}

/** A migration file of more than this is refused: data belongs elsewhere. */
export const MAX_FILE_BYTES: number = 8 * 1024 * 1024
const FILE_NAME = /^(\d{3,9})_([a-z0-9]+(?:_[a-z0-9]+)*)\.sql$/

/**
 * Reads a migration from the name and the bytes of its file.
 * @throws MigrationError `MIGRATION_NAME_INVALID`, `MIGRATION_HEADER_INVALID`; `MIGRATION_FILE_INVALID` on more than
 * 8 MiB, no UTF-8, a NUL, no statement, an open quote, or several statements in a `no-transaction` file;
 * `MIGRATION_PSQL_COMMAND`; `MIGRATION_TRANSACTION_CONTROL`.
 */
export function parseMigration(fileName: string, bytes: Uint8Array): Migration {
  const refuse = (code: MigrationErrorCode, reason: string, line?: number): MigrationError =>
    new MigrationError({
      code,
      message: `migration ${fileName}${line === undefined ? '' : `, line ${line}`}: ${reason}`,
      details: { fileName, reason, ...(line === undefined ? {} : { line }) },
    })
  const [, digits, name] = FILE_NAME.exec(fileName) ?? []
  if (digits === undefined || name === undefined || Number(digits) === 0) {
    throw refuse('MIGRATION_NAME_INVALID', 'the name must be NNN_name.sql, from 001, in lower case')
  }
  if (bytes.length > MAX_FILE_BYTES) {
    throw refuse('MIGRATION_FILE_INVALID', `${bytes.length} bytes, at most ${MAX_FILE_BYTES} are allowed`)
  }
  const sql = decode(bytes)
  if (sql === undefined) throw refuse('MIGRATION_FILE_INVALID', 'not UTF-8')
  if (sql.includes('\0'))
    throw refuse('MIGRATION_FILE_INVALID', 'a NUL, at which the server would stop reading')
  const reading = readMigrationHeader(sql)
  if (!reading.ok) throw refuse('MIGRATION_HEADER_INVALID', reading.reason)
  const scan = scanSql(sql)
  const objection = objectionTo(scan, reading.header.mode)
  if (objection !== undefined) throw refuse(objection.code, objection.reason, objection.line)
  return { version: Number(digits), name, fileName, ...reading.header, checksum: checksumOf(sql), sql }
}

/**
 * The one statement of a `no-transaction` migration.
 * @throws RangeError when the migration has none, which {@link parseMigration} does not let through.
 */
export function onlyStatement(migration: Migration): SqlStatement {
  const [statement] = scanSql(migration.sql).statements
  if (statement === undefined) throw new RangeError(`${migration.fileName} holds no statement`)
  return statement
}

interface Objection {
  readonly code: MigrationErrorCode
  readonly reason: string
  readonly line: number
}

function objectionTo(scan: SqlScan, mode: Migration['mode']): Objection | undefined {
  const [fault] = scan.faults
  if (fault?.kind === 'backslash') {
    const reason = `psql commands such as ${fault.what} are not SQL`
    return { code: 'MIGRATION_PSQL_COMMAND', reason, line: fault.line }
  }
  if (fault !== undefined) {
    return { code: 'MIGRATION_FILE_INVALID', reason: `${fault.what} is not closed`, line: fault.line }
  }
  for (const statement of scan.statements) {
    const command = transactionCommandOf(statement)
    if (command !== undefined) {
      const reason = `${command}: the runner opens and ends the transaction`
      return { code: 'MIGRATION_TRANSACTION_CONTROL', reason, line: statement.line }
    }
    if (copiesThroughClient(statement)) {
      const reason = 'COPY through the client needs psql; use INSERT'
      return { code: 'MIGRATION_PSQL_COMMAND', reason, line: statement.line }
    }
  }
  const count = scan.statements.length
  if (count === 0) return { code: 'MIGRATION_FILE_INVALID', reason: 'no statement', line: 1 }
  if (mode === 'no-transaction' && count !== 1) {
    const reason = `${count} statements; a no-transaction file holds exactly one, so that it is done or not done`
    return { code: 'MIGRATION_FILE_INVALID', reason, line: scan.statements[1]?.line ?? 1 }
  }
  return undefined
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return normalizeSql(bytes)
  } catch {
    return undefined
  }
}
