/** What one statement gave back, with the tag of the command that PostgreSQL carried out. */
export interface SqlAnswer {
  readonly rows: readonly object[]
  readonly rowCount: number
  /** `SELECT`, `COMMIT`, `ROLLBACK` … */
  readonly command: string
}

/** What a connection is taken for: one statement or transaction, or a session. */
export type ConnectionUse = 'statements' | 'session'

/**
 * One connection in our hands, as the adapters give it. Its users send one statement at a time. Errors are
 * StorageErrors by code, or `ABORTED` by the signal.
 */
export interface HeldConnection {
  /** Why nothing more can be sent, once the connection is lost or a statement was abandoned; undefined while it is well. */
  readonly lostBecause: Error | undefined
  /** Sends one statement with its parameters as text; under a name it may be parsed once and kept. */
  query(
    text: string,
    values: readonly (string | null)[],
    signal?: AbortSignal,
    prepareAs?: string,
  ): Promise<SqlAnswer>
  /** Sends one or more statements without parameters. */
  script(text: string): Promise<void>
  /** Gives the connection back after statements or a transaction. Never throws. */
  release(): Promise<void>
  /** Gives the connection back after a session: its locks, settings and temporary tables are gone. Never throws. */
  releaseSession(): Promise<void>
}
