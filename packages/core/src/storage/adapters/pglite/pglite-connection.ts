import { TimeError } from '../../../time/index.ts'
import { COLUMN_PARSERS } from '../../sql/column-parsers.ts'
import type { HeldConnection, SqlAnswer } from '../../sql/held-connection.ts'
import { storageErrorOf } from '../../sql/sql-state.ts'
import type { PgliteClient, PgliteQueryOptions } from './pglite-client.ts'

/** The one session of a PGlite, for the length of a turn. A statement, once begun, blocks the thread until its end. */
export class PgliteConnection implements HeldConnection {
  readonly lostBecause: undefined
  readonly #client: PgliteClient
  readonly #options: PgliteQueryOptions
  readonly #endTurn: () => void

  constructor(client: PgliteClient, options: PgliteQueryOptions, endTurn: () => void) {
    this.#client = client
    this.#options = options
    this.#endTurn = endTurn
  }

  async query(text: string, values: readonly (string | null)[], signal?: AbortSignal): Promise<SqlAnswer> {
    if (signal?.aborted) throw TimeError.aborted(signal.reason)
    try {
      const result = await this.#client.query(text, [...values], this.#options)
      // In the row mode of our options, the default, PGlite gives an object per row.
      const rows = result.rows as readonly object[]
      return {
        rows,
        rowCount: result.rowCount ?? result.affectedRows ?? rows.length,
        command: result.command ?? '',
      }
    } catch (error) {
      throw storageErrorOf(error)
    }
  }

  async script(text: string): Promise<void> {
    try {
      await this.#client.exec(text)
    } catch (error) {
      throw storageErrorOf(error)
    }
  }

  async release(): Promise<void> {
    try {
      if (this.#client.isInTransaction()) await this.#client.exec('ROLLBACK')
    } catch {
      // A session that cannot roll back answers the next statement with its own error.
    } finally {
      this.#endTurn()
    }
  }

  async releaseSession(): Promise<void> {
    try {
      if (this.#client.isInTransaction()) await this.#client.exec('ROLLBACK')
      await this.#client.exec('SELECT pg_advisory_unlock_all(); RESET ALL; DISCARD TEMP')
    } catch {
      // As in release.
    } finally {
      this.#endTurn()
    }
  }
}

/** Our parsers in place of all of the instance's own, and parameters passed as the text that they are. */
export function pgliteQueryOptions(client: PgliteClient): PgliteQueryOptions {
  const parsers: Record<number, (text: string) => unknown> = {}
  for (const oid of Object.keys(client.parsers)) parsers[Number(oid)] = (text) => text
  for (const [oid, parser] of COLUMN_PARSERS) parsers[oid] = parser
  const serializers = new Proxy<Record<number, (value: unknown) => string>>({}, { get: () => String })
  return { parsers, serializers }
}
