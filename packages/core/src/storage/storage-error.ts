import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type StorageErrorCode =
  | 'DATABASE_UNAVAILABLE'
  | 'OUTCOME_UNKNOWN'
  | 'UNIQUE_VIOLATION'
  | 'CHECK_VIOLATION'
  | 'FOREIGN_KEY_VIOLATION'
  | 'NOT_NULL_VIOLATION'
  | 'SERIALIZATION_FAILURE'
  | 'DEADLOCK'
  | 'LOCK_TIMEOUT'
  | 'QUERY_CANCELLED'
  | 'QUERY_FAILED'
  | 'ROOT_DATABASE_IN_TRANSACTION'
  | 'TRANSACTION_CLOSED'
  | 'DATABASE_CLOSED'
  | 'DATABASE_LOCKED'
  | 'KEY_VALUE_UNAVAILABLE'

/** Facts about a failure beyond its code and message. */
export interface StorageErrorFacts {
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

const RETRYABLE: ReadonlySet<StorageErrorCode> = new Set<StorageErrorCode>([
  'DATABASE_UNAVAILABLE',
  'SERIALIZATION_FAILURE',
  'DEADLOCK',
  'LOCK_TIMEOUT',
  'KEY_VALUE_UNAVAILABLE',
])

/**
 * A store refused or failed. Retryable: `DATABASE_UNAVAILABLE`, `SERIALIZATION_FAILURE`, `DEADLOCK`,
 * `LOCK_TIMEOUT`, `KEY_VALUE_UNAVAILABLE`. `details.sqlState` holds PostgreSQL's own code where there is one.
 * `OUTCOME_UNKNOWN`: the answer to a statement that may have committed was lost, so look before repeating it.
 */
export class StorageError extends GoldenError<StorageErrorCode> {
  /** An error whose `retryable` follows from its code. */
  static of(code: StorageErrorCode, message: string, facts: StorageErrorFacts = {}): StorageError {
    return new StorageError({ code, message, retryable: RETRYABLE.has(code), ...facts })
  }
}
