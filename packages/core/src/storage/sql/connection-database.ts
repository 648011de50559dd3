import type {
  QueryOptions,
  SqlCapabilities,
  SqlDatabase,
  SqlResult,
  SqlSession,
  SqlTransaction,
  TransactionOptions,
} from '../ports/sql-database.ts'
import { ConnectionScope } from './connection-scope.ts'
import type { ConnectionUse, HeldConnection } from './held-connection.ts'
import { RootUseGuard } from './root-use-guard.ts'
import { runTransaction } from './run-transaction.ts'
import { runSession } from './session.ts'
import { requireTransactionOptions } from './transaction-options.ts'

/** What every adapter shares: statements, transactions and sessions over connections that the adapter hands out. */
export abstract class ConnectionDatabase implements SqlDatabase {
  abstract readonly capabilities: SqlCapabilities
  readonly #guard = new RootUseGuard()

  /**
   * A connection for one statement, transaction or session; released by the caller.
   * @throws StorageError `DATABASE_UNAVAILABLE` or `DATABASE_CLOSED`; TimeError `ABORTED` by the signal.
   */
  protected abstract acquire(use: ConnectionUse, signal: AbortSignal | undefined): Promise<HeldConnection>

  /** @throws StorageError `ROOT_DATABASE_IN_TRANSACTION` inside a transaction or session of this database. */
  protected requireOutside(): void {
    this.#guard.requireOutside()
  }

  /**
   * Runs one statement with positional parameters, committed by itself.
   * @throws StorageError by code; `OUTCOME_UNKNOWN` when the connection was lost before the answer.
   */
  async query<Row extends object = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<SqlResult<Row>> {
    return await this.#alone(options.signal, (scope) => scope.query<Row>(text, values, options))
  }

  /**
   * Runs one or more statements without parameters.
   * @throws StorageError by code; `OUTCOME_UNKNOWN` when the connection was lost before the answer.
   */
  async script(text: string): Promise<void> {
    await this.#alone(undefined, (scope) => scope.script(text))
  }

  /**
   * Runs `run` in a transaction: commits what it resolved with, rolls back what it threw and throws it on.
   * @throws StorageError by code; `OUTCOME_UNKNOWN` when COMMIT was not confirmed.
   */
  async transaction<T>(
    run: (tx: SqlTransaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    this.requireOutside()
    requireTransactionOptions(options)
    const connection = await this.acquire('statements', options.signal)
    try {
      return await runTransaction(connection, (tx) => this.#guard.runInside(() => run(tx)), options)
    } finally {
      await connection.release()
    }
  }

  /**
   * Runs `run` with one connection of its own, whose locks, settings and temporary tables end with it.
   * @throws StorageError by code.
   */
  async session<T>(run: (session: SqlSession) => Promise<T>): Promise<T> {
    this.requireOutside()
    const connection = await this.acquire('session', undefined)
    try {
      return await runSession(connection, (session) => this.#guard.runInside(() => run(session)))
    } finally {
      await connection.releaseSession()
    }
  }

  async #alone<T>(signal: AbortSignal | undefined, send: (scope: ConnectionScope) => Promise<T>): Promise<T> {
    this.requireOutside()
    const connection = await this.acquire('statements', signal)
    try {
      return await send(new ConnectionScope(connection, 'session'))
    } finally {
      await connection.release()
    }
  }
}
