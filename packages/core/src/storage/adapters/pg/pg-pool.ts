/**
 * The subset of node-postgres (`pg` 8.21 or a newer 8) that we need: a `pg.Pool` fits as it is. Older ones take several statements
 * for one, or do not tell that a transaction was left open.
 */
export interface PgPool {
  /** Takes a client; `taken` is called as soon as there is one, or there will be none. */
  connect(taken: (error: Error | undefined, client: PgPoolClient | undefined) => void): void
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Whether `end()` has been called. */
  readonly ending?: boolean
  readonly options?: { readonly max?: number | undefined }
}

/** A client checked out of a {@link PgPool}. */
export interface PgPoolClient {
  query(query: PgQuery): Promise<PgQueryResult | readonly PgQueryResult[]>
  /** Gives the client back; `true` closes it instead. */
  release(destroy?: boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'notification', listener: (notification: PgNotification) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'notification', listener: (notification: PgNotification) => void): unknown
  /** `I` outside a transaction (pg 8.21 and later). */
  getTransactionStatus?(): string | null
}

/** A statement as node-postgres takes it. */
export interface PgQuery {
  /** Keeps the text prepared on the connection under this name. */
  readonly name?: string
  readonly text: string
  readonly values?: (string | null)[]
  /** `extended` takes one statement only, with parameters or without. */
  readonly queryMode?: 'extended'
  readonly types?: { getTypeParser(oid: number, format?: string): (text: string) => unknown }
}

/** What node-postgres gives back for one statement. */
export interface PgQueryResult {
  readonly rows: readonly object[]
  readonly rowCount: number | null
  readonly command: string
}

/** A message of NOTIFY. */
export interface PgNotification {
  readonly channel: string
  readonly payload?: string | undefined
}
