import { isGoldenError } from '../../errors/index.ts'
import type { SqlTransaction, TransactionOptions } from '../ports/sql-database.ts'
import { StorageError } from '../storage-error.ts'
import { ConnectionScope } from './connection-scope.ts'
import type { HeldConnection } from './held-connection.ts'
import { withUnknownOutcome } from './sql-state.ts'

const BEGIN = {
  'read committed': 'BEGIN ISOLATION LEVEL READ COMMITTED',
  'repeatable read': 'BEGIN ISOLATION LEVEL REPEATABLE READ',
  serializable: 'BEGIN ISOLATION LEVEL SERIALIZABLE',
} as const

/**
 * Runs `run` between BEGIN and COMMIT on `connection`; what it throws rolls back and is thrown on.
 * @throws StorageError `OUTCOME_UNKNOWN` when COMMIT was not confirmed; `QUERY_FAILED` when PostgreSQL answered COMMIT
 * by rolling back, because a statement had failed and its error was swallowed; others by code.
 */
export async function runTransaction<T>(
  connection: HeldConnection,
  run: (tx: SqlTransaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  await connection.query(BEGIN[options.isolation ?? 'read committed'], [])
  const scope = new ConnectionScope(connection, 'transaction')
  let result: T
  try {
    result = await run(transactionOf(scope))
  } catch (error) {
    await scope.close()
    await rollBack(connection)
    throw error
  }
  await scope.close()
  await commit(connection, scope)
  return result
}

function transactionOf(scope: ConnectionScope): SqlTransaction {
  return Object.freeze<SqlTransaction>({
    scope: 'transaction',
    query: (text, values = [], options = {}) => scope.query(text, values, options),
    script: (text) => scope.script(text),
  })
}

async function commit(connection: HeldConnection, scope: ConnectionScope): Promise<void> {
  // Nothing was sent to commit it, so the server rolls it back with the connection.
  if (connection.lostBecause !== undefined) throw connection.lostBecause
  const { command } = await connection.query('COMMIT', []).catch((error: unknown) => {
    throw withUnknownOutcome(error)
  })
  if (command === 'COMMIT') return
  throw StorageError.of('QUERY_FAILED', 'the transaction was rolled back: one of its statements had failed', {
    details: { ...(isGoldenError(scope.firstFailure) ? scope.firstFailure.details : {}), command },
    cause: scope.firstFailure,
  })
}

async function rollBack(connection: HeldConnection): Promise<void> {
  if (connection.lostBecause !== undefined) return
  try {
    await connection.query('ROLLBACK', [])
  } catch {
    // The error that led here is the one to report; the connection knows that it is lost, and is given up.
  }
}
