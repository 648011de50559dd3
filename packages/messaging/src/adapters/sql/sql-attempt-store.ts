import type { SqlDatabase } from '@golden-arch/core/storage'
import type { AttemptEnd, AttemptKey, AttemptStore, Attempts } from '../../ports/attempt-store.ts'

interface AttemptRow {
  readonly message_key: string
  readonly starts: number
  readonly is_interrupted: boolean
  readonly reason: string | null
  readonly code: string | null
}

const MAX_REASON_LENGTH = 2000
const MAX_CODE_LENGTH = 128
/** A message that comes again after this long begins anew. */
const KEPT_DAYS = 30

/** Counts starts in the table `message_attempts` of the migration module `messaging`. */
export class SqlAttemptStore implements AttemptStore {
  readonly #database: SqlDatabase

  constructor(options: { readonly database: SqlDatabase }) {
    this.#database = options.database
  }

  async read(keys: readonly AttemptKey[]): Promise<readonly Attempts[]> {
    const { rows } = await this.#database.query<AttemptRow & { readonly place: bigint }>(
      `SELECT k.place, a.message_key, a.starts, a.is_interrupted, a.reason, a.code
         FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k (stream, consumer, message_key, place)
         JOIN message_attempts a USING (stream, consumer, message_key)`,
      columnsOf(keys),
      { prepareAs: 'message_attempts_read' },
    )
    const found = new Map(rows.map((row) => [Number(row.place), row]))
    return keys.map((_key, index) => attemptsOf(found.get(index + 1)))
  }

  async start(keys: readonly AttemptKey[]): Promise<readonly number[]> {
    const { rows } = await this.#database.query<AttemptRow>(
      `INSERT INTO message_attempts AS a (stream, consumer, message_key, starts, is_interrupted)
       SELECT k.stream, k.consumer, k.message_key, 1, true
         FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[])) AS k (stream, consumer, message_key)
        ORDER BY 1, 2, 3
       ON CONFLICT (stream, consumer, message_key) DO UPDATE
          SET starts = a.starts + 1, is_interrupted = true, changed_at = clock_timestamp()
       RETURNING a.message_key, a.starts`,
      columnsOf(keys),
      { prepareAs: 'message_attempts_start' },
    )
    const starts = new Map(rows.map((row) => [row.message_key, row.starts]))
    return keys.map((key) => starts.get(messageKeyOf(key)) ?? 1)
  }

  async end(ends: readonly AttemptEnd[]): Promise<void> {
    await this.#database.query(
      `UPDATE message_attempts a
          SET is_interrupted = false, reason = k.reason, code = k.code, changed_at = clock_timestamp()
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
              AS k (stream, consumer, message_key, reason, code)
        WHERE (a.stream, a.consumer, a.message_key) = (k.stream, k.consumer, k.message_key)`,
      [
        ...columnsOf(ends.map(({ key }) => key)),
        ends.map(({ reason }) => storable(reason, MAX_REASON_LENGTH)),
        ends.map(({ code }) => storable(code, MAX_CODE_LENGTH)),
      ],
    )
  }

  async forget(keys: readonly AttemptKey[]): Promise<void> {
    await this.#database.query(
      `DELETE FROM message_attempts a
        USING unnest($1::text[], $2::text[], $3::text[]) AS k (stream, consumer, message_key)
        WHERE (a.stream, a.consumer, a.message_key) = (k.stream, k.consumer, k.message_key)`,
      columnsOf(keys),
      { prepareAs: 'message_attempts_forget' },
    )
  }

  async prune(of: { readonly stream: string; readonly consumer: string }): Promise<void> {
    await this.#database.query(
      `DELETE FROM message_attempts
        WHERE stream = $1 AND consumer = $2 AND changed_at < clock_timestamp() - $3::int * interval '1 day'`,
      [of.stream, of.consumer, KEPT_DAYS],
    )
  }
}

function columnsOf(keys: readonly AttemptKey[]): readonly (readonly string[])[] {
  return [
    keys.map(({ stream }) => stream),
    keys.map(({ consumer }) => consumer),
    keys.map((key) => messageKeyOf(key)),
  ]
}

function messageKeyOf({ sequence, messageId }: AttemptKey): string {
  return `${sequence}:${messageId ?? ''}`
}

function attemptsOf(row: AttemptRow | undefined): Attempts {
  if (row === undefined) return { starts: 0, isInterrupted: false, lastFailure: null }
  const { starts, is_interrupted: isInterrupted, reason, code } = row
  return { starts, isInterrupted, lastFailure: reason === null || code === null ? null : { reason, code } }
}

/** Text that PostgreSQL takes: without NUL, cut to the column's length in whole characters. */
function storable(text: string, maxLength: number): string {
  return text.replaceAll('\u0000', '').slice(0, maxLength).toWellFormed()
}
