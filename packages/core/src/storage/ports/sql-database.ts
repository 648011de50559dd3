/** What a statement gave back. */
export interface SqlResult<Row> {
  /**
   * The rows, in the statement's order. Columns: int8 is a bigint, int2, int4 and floats are numbers, timestamptz is a
   * Date (cut to milliseconds), json and jsonb are parsed, bytea is a Uint8Array, boolean a boolean, arrays of these
   * are arrays; everything else, numeric, date and timestamp among them, is PostgreSQL's own text.
   */
  readonly rows: readonly Row[]
  /** Rows returned, or touched where none are returned. */
  readonly rowCount: number
}

/** How one statement runs. */
export interface QueryOptions {
  /** Stops waiting for the answer when it fires. A statement already sent may still take effect. */
  readonly signal?: AbortSignal | undefined
  /**
   * A name, at most 63 characters, that always goes with this very text: an adapter may then have each connection parse
   * and plan the text once and keep it under the name. For few, often repeated texts. Default: parsed each time.
   */
  readonly prepareAs?: string | undefined
}

/** Something that runs SQL: the database, a session of it, or a transaction. */
export interface SqlExecutor {
  /**
   * Runs one statement with positional parameters (`$1` …). Pass JSON as text with a `::jsonb` cast.
   * @throws StorageError by code; outside a transaction `OUTCOME_UNKNOWN` when the connection was lost before the
   * answer. TimeError `ABORTED` when the signal fired; a transaction in which that happened rolls back.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<SqlResult<Row>>
  /**
   * Runs a text of one or more statements without parameters, and gives nothing back.
   * @throws StorageError by code.
   */
  script(text: string): Promise<void>
}

/** An open transaction. Unusable once the function it was given to has ended (`TRANSACTION_CLOSED`). */
export interface SqlTransaction extends SqlExecutor {
  /** Tells a transaction from its database in types; always `'transaction'`. */
  readonly scope: 'transaction'
}

/** How a transaction runs. */
export interface TransactionOptions {
  /** Default `'read committed'`. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined
  /** Stops waiting for a connection when it fires. */
  readonly signal?: AbortSignal | undefined
}

/** One connection held for a while, outside a transaction: for session locks and statements that allow no transaction. */
export interface SqlSession extends SqlExecutor {
  /** Tells a session from its database in types; always `'session'`. */
  readonly scope: 'session'
  /** Runs `run` in a transaction on this very connection. */
  transaction<T>(run: (tx: SqlTransaction) => Promise<T>, options?: TransactionOptions): Promise<T>
}

/** What survives when `commit` has returned: nothing, a crash of the process, or a loss of power too. */
export type SqlDurability = 'memory' | 'process-crash' | 'power-loss'

/** What an adapter can do. */
export interface SqlCapabilities {
  /** Transactions that can be open at once; 1 on PGlite. */
  readonly maxConcurrentTransactions: number
  /** What a commit survives, as far as the adapter knows; a server's own settings may lower it. */
  readonly durability: SqlDurability
}

/** What ends a subscription, and how long it lasts. */
export interface ListenOptions {
  /** Ends the subscription. */
  readonly signal: AbortSignal
}

/** A PostgreSQL database, on a server or in the process. */
export interface SqlDatabase extends SqlExecutor {
  readonly capabilities: SqlCapabilities
  /**
   * Runs `run` in a transaction: commits what it resolved with, rolls back what it threw and throws it on.
   * Inside, only `tx` may be used: a call to the database itself throws `ROOT_DATABASE_IN_TRANSACTION`.
   * @throws StorageError `OUTCOME_UNKNOWN` when the connection was lost during COMMIT; others by code.
   */
  transaction<T>(run: (tx: SqlTransaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Runs `run` with one connection of its own; inside, only the session may be used. */
  session<T>(run: (session: SqlSession) => Promise<T>): Promise<T>
  /**
   * Calls `handler` for each notification on `channel` until the signal fires; resolves once listening.
   * A notification only wakes: some may be lost with a connection, so poll as well.
   */
  listen?(channel: string, handler: (payload: string) => void, options: ListenOptions): Promise<void>
}
