import { isGoldenError } from '../../errors/index.ts'
import { StorageError, type StorageErrorCode } from '../storage-error.ts'

const CODES: ReadonlyMap<string, StorageErrorCode> = new Map<string, StorageErrorCode>([
  ['23502', 'NOT_NULL_VIOLATION'],
  ['23503', 'FOREIGN_KEY_VIOLATION'],
  ['23505', 'UNIQUE_VIOLATION'],
  ['23514', 'CHECK_VIOLATION'],
  ['40001', 'SERIALIZATION_FAILURE'],
  ['40P01', 'DEADLOCK'],
  ['55P03', 'LOCK_TIMEOUT'],
  ['57014', 'QUERY_CANCELLED'],
  ['53300', 'DATABASE_UNAVAILABLE'],
  ['57P01', 'DATABASE_UNAVAILABLE'],
  ['57P02', 'DATABASE_UNAVAILABLE'],
  ['57P03', 'DATABASE_UNAVAILABLE'],
  ['57P05', 'DATABASE_UNAVAILABLE'],
  // We open no read-only transaction: the server is a standby, or is on its way to be one.
  ['25006', 'DATABASE_UNAVAILABLE'],
  ['25P03', 'DATABASE_UNAVAILABLE'],
  ['25P04', 'DATABASE_UNAVAILABLE'],
])

/** A table, a function, a column that is not there: most often the migration is missing that makes it. */
const MISSING: ReadonlySet<string> = new Set(['42P01', '42883', '42703'])

/** The code for a five-character SQLSTATE (PostgreSQL manual, appendix A). */
export function codeOfSqlState(sqlState: string): StorageErrorCode {
  const known = CODES.get(sqlState)
  if (known !== undefined) return known
  return sqlState.startsWith('08') ? 'DATABASE_UNAVAILABLE' : 'QUERY_FAILED'
}

/**
 * The typed form of what a driver threw. What carries no SQLSTATE came from the connection, not from the server:
 * `DATABASE_UNAVAILABLE`. The server's `detail` text is left out, since it quotes the values of the row.
 */
export function storageErrorOf(error: unknown): Error {
  if (isGoldenError(error)) return error
  const sqlState = textField(error, 'code')
  const message = textField(error, 'message') ?? String(error)
  if (
    sqlState === undefined ||
    !/^[0-9A-Z]{5}$/.test(sqlState) ||
    textField(error, 'severity') === undefined
  ) {
    return StorageError.of('DATABASE_UNAVAILABLE', `the database gave no answer: ${message}`, {
      cause: error,
    })
  }
  const details: Record<string, unknown> = { sqlState }
  for (const name of ['schema', 'table', 'column', 'constraint']) {
    const value = textField(error, name)
    if (value !== undefined) details[name] = value
  }
  const hint = MISSING.has(sqlState) ? ': is its migration applied?' : ''
  return StorageError.of(codeOfSqlState(sqlState), message + hint, { details, cause: error })
}

/**
 * The same failure, seen by the sender of a statement that commits by itself: where the connection was lost, nobody
 * knows whether it took effect.
 */
export function withUnknownOutcome(error: unknown): unknown {
  if (!isGoldenError(error, 'DATABASE_UNAVAILABLE')) return error
  return StorageError.of('OUTCOME_UNKNOWN', 'the connection was lost before the statement was confirmed', {
    details: error.details,
    cause: error,
  })
}

function textField(error: unknown, field: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const value: unknown = Reflect.get(error, field)
  return typeof value === 'string' && value !== '' ? value : undefined
}
