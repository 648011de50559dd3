/** The subset of PGlite (0.5) that we need. */
export interface PgliteClient {
  /** Parsers by type identifier; the keys tell which types the instance would parse by itself. */
  readonly parsers: object
  /** The WebAssembly module, through which the files of the folder are reached. */
  readonly Module?: unknown
  query(text: string, values?: unknown[], options?: PgliteQueryOptions): Promise<PgliteResult>
  exec(text: string): Promise<unknown>
  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>>
  /** Whether a transaction is open. */
  isInTransaction(): boolean
  close(): Promise<void>
}

/** How one statement of ours is read and written. */
export interface PgliteQueryOptions {
  parsers?: Record<number, (text: string) => unknown>
  serializers?: Record<number, (value: unknown) => string>
}

/** What PGlite gives back for one statement. */
export interface PgliteResult {
  readonly rows: readonly unknown[]
  readonly affectedRows?: number
  /** The tag of the command: `SELECT`, `COMMIT` … */
  readonly command?: string
  /** The number in the tag. */
  readonly rowCount?: number
}
