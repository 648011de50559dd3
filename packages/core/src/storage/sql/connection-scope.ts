import { isGoldenError } from '../../errors/index.ts'
import type { QueryOptions, SqlResult } from '../ports/sql-database.ts'
import { StorageError } from '../storage-error.ts'
import type { HeldConnection } from './held-connection.ts'
import { writeParameters } from './parameter-text.ts'
import { withUnknownOutcome } from './sql-state.ts'
import { requireStatement } from './statement-text.ts'
import { stopWaiting } from './stop-waiting.ts'

/** How long the statements of a scope last: until COMMIT, or each by itself. */
export type ScopeKind = 'transaction' | 'session'

/** A stretch of statements on one connection, sent one after the other; nothing can be sent once it is closed. */
export class ConnectionScope {
  readonly #connection: HeldConnection
  readonly #kind: ScopeKind
  #tail: Promise<unknown> = Promise.resolve()
  #isClosed = false
  #firstFailure: unknown

  constructor(connection: HeldConnection, kind: ScopeKind) {
    this.#connection = connection
    this.#kind = kind
  }

  /** What the first failed statement threw, if one did. */
  get firstFailure(): unknown {
    return this.#firstFailure
  }

  async query<Row extends object>(
    text: string,
    values: readonly unknown[],
    options: QueryOptions,
  ): Promise<SqlResult<Row>> {
    this.requireOpen()
    requireStatement(text)
    const parameters = writeParameters(values)
    const answer = await this.#inTurn(options.signal, () =>
      this.#connection.query(text, parameters, options.signal, options.prepareAs),
    )
    // The caller states the shape of its own statement's rows; no driver can check it.
    return { rows: answer.rows as readonly Row[], rowCount: answer.rowCount }
  }

  async script(text: string): Promise<void> {
    this.requireOpen()
    requireStatement(text)
    await this.#inTurn(undefined, () => this.#connection.script(text))
  }

  /** Throws `TRANSACTION_CLOSED` once the scope is closed. */
  requireOpen(): void {
    if (!this.#isClosed) return
    throw StorageError.of('TRANSACTION_CLOSED', `the ${this.#kind} has ended; nothing can be sent with it`)
  }

  /** Waits for the statements already taken. */
  async settled(): Promise<void> {
    await this.#tail
  }

  /** Takes no more statements, and waits for those already taken. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#tail
  }

  async #inTurn<T>(signal: AbortSignal | undefined, send: () => Promise<T>): Promise<T> {
    const before = this.#tail
    const turn = (async () => {
      await stopWaiting(before, signal)
      if (this.#connection.lostBecause !== undefined) throw this.#connection.lostBecause
      return await send().catch((error: unknown) => {
        throw this.#kind === 'session' ? withUnknownOutcome(error) : error
      })
    })()
    const noted = turn.catch((error: unknown) => this.#noteFailure(error))
    // One that gave up waiting is over before its forerunner is, so the next must wait for both.
    this.#tail = Promise.all([before, noted])
    return await turn
  }

  #noteFailure(error: unknown): void {
    if (!isGoldenError(error, 'ABORTED')) this.#firstFailure ??= error
  }
}
