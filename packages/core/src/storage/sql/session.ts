import type { SqlSession, SqlTransaction, TransactionOptions } from '../ports/sql-database.ts'
import { StorageError } from '../storage-error.ts'
import { ConnectionScope } from './connection-scope.ts'
import type { HeldConnection } from './held-connection.ts'
import { runTransaction } from './run-transaction.ts'
import { requireTransactionOptions } from './transaction-options.ts'

/** Runs `run` with a session on `connection`, and waits for whatever it left running there. */
export async function runSession<T>(
  connection: HeldConnection,
  run: (session: SqlSession) => Promise<T>,
): Promise<T> {
  const scope = new ConnectionScope(connection, 'session')
  let transaction: Promise<unknown> | undefined

  const requireFree = (): void => {
    scope.requireOpen()
    if (transaction === undefined) return
    throw StorageError.of(
      'ROOT_DATABASE_IN_TRANSACTION',
      'the session is inside its own transaction: use the transaction',
    )
  }
  const begin = async <R>(
    work: (tx: SqlTransaction) => Promise<R>,
    options: TransactionOptions = {},
  ): Promise<R> => {
    requireFree()
    requireTransactionOptions(options)
    const running = scope.settled().then(() => runTransaction(connection, work, options))
    transaction = running
    try {
      return await running
    } finally {
      transaction = undefined
    }
  }
  const session = Object.freeze<SqlSession>({
    scope: 'session',
    query: async (text, values = [], options = {}) => {
      requireFree()
      return await scope.query(text, values, options)
    },
    script: async (text) => {
      requireFree()
      await scope.script(text)
    },
    transaction: begin,
  })
  try {
    return await run(session)
  } finally {
    await Promise.allSettled([transaction])
    await scope.close()
  }
}
