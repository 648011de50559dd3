import { isGoldenError } from '../../../errors/index.ts'
import { type Clock, withDeadline } from '../../../time/index.ts'
import { columnParserOf } from '../../sql/column-parsers.ts'
import type { HeldConnection, SqlAnswer } from '../../sql/held-connection.ts'
import { storageErrorOf } from '../../sql/sql-state.ts'
import { stopWaiting } from '../../sql/stop-waiting.ts'
import { StorageError } from '../../storage-error.ts'
import type { PgPoolClient, PgQueryResult } from './pg-pool.ts'

/** Parsers for our statements alone; those that the application gave to `pg.types` stay as they are. */
const COLUMN_TYPES = Object.freeze({ getTypeParser: (oid: number) => columnParserOf(oid) })

/** How long a connection waits. */
export interface PgConnectionLimits {
  readonly statementTimeoutMs: number
  readonly clock: Clock
}

/** A client of the pool in our hands. Once it is lost or a statement was abandoned, the pool discards it. */
export class PgConnection implements HeldConnection {
  readonly #client: PgPoolClient
  readonly #limits: PgConnectionLimits
  #lostBecause: Error | undefined

  constructor(client: PgPoolClient, limits: PgConnectionLimits) {
    this.#client = client
    this.#limits = limits
    // A client in use that loses its connection emits 'error'; without a listener Node ends the process.
    client.on('error', this.#onError)
  }

  get lostBecause(): Error | undefined {
    return this.#lostBecause
  }

  async query(
    text: string,
    values: readonly (string | null)[],
    signal?: AbortSignal,
    prepareAs?: string,
  ): Promise<SqlAnswer> {
    const name = prepareAs === undefined ? {} : { name: prepareAs }
    const result = await this.#send(
      () =>
        this.#client.query({
          ...name,
          text,
          values: [...values],
          queryMode: 'extended',
          types: COLUMN_TYPES,
        }),
      this.#limits.statementTimeoutMs,
      signal,
    )
    const last = lastOf(result)
    return { rows: last.rows, rowCount: last.rowCount ?? 0, command: last.command }
  }

  async script(text: string): Promise<void> {
    await this.#send(() => this.#client.query({ text }), 0, undefined)
  }

  async release(): Promise<void> {
    this.#giveBack(this.#lostBecause !== undefined || !this.#isIdle())
  }

  async releaseSession(): Promise<void> {
    if (this.#lostBecause === undefined) {
      // The server notices a closed connection a moment later; the locks are to be free when the session has ended.
      await this.query('SELECT pg_advisory_unlock_all()', []).catch(() => undefined)
    }
    this.#giveBack(true)
  }

  /** Stops watching the client without giving it back. */
  letGo(): void {
    this.#client.removeListener('error', this.#onError)
  }

  #giveBack(destroy: boolean): void {
    this.letGo()
    this.#client.release(destroy)
  }

  /** Whether no transaction is open, as far as the driver tells; one left open must not reach the next user. */
  #isIdle(): boolean {
    const status = this.#client.getTransactionStatus?.()
    return status === undefined || status === null || status === 'I'
  }

  readonly #onError = (error: Error): void => {
    this.#lostBecause ??= storageErrorOf(error)
  }

  async #send<T>(send: () => Promise<T>, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
    if (this.#lostBecause !== undefined) throw this.#lostBecause
    try {
      const { clock } = this.#limits
      if (timeoutMs === 0) return await stopWaiting(send(), signal)
      return await withDeadline({ timeoutMs, clock, signal }, send)
    } catch (error) {
      const failure = isGoldenError(error, 'DEADLINE_EXCEEDED')
        ? noAnswer(timeoutMs, error)
        : storageErrorOf(error)
      if (isGoldenError(failure, 'DATABASE_UNAVAILABLE') || isGoldenError(failure, 'ABORTED')) {
        this.#lostBecause ??= failure
      }
      throw failure
    }
  }
}

function noAnswer(timeoutMs: number, cause: unknown): StorageError {
  return StorageError.of('DATABASE_UNAVAILABLE', `the database gave no answer within ${timeoutMs} ms`, {
    details: { timeoutMs },
    cause,
  })
}

const EMPTY_RESULT: PgQueryResult = { rows: [], rowCount: 0, command: '' }

function lastOf(result: PgQueryResult | readonly PgQueryResult[]): PgQueryResult {
  // Only a text of several statements gives an array, and those never pass here: the extended protocol refuses them.
  return 'rows' in result ? result : (result.at(-1) ?? EMPTY_RESULT)
}
