import { requireMethods, withDefaults } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { AttemptKey, AttemptStore, Attempts, FailedStart } from '../../ports/attempt-store.ts'
import { type AttemptRow, attemptsOf, storableCode, storableReason } from './attempt-rows.ts'

/** A message that comes again after this long begins anew. */
const KEPT_DAYS = 30

/** Counts starts in the table `message_attempts` of the migration module `messaging`. */
export class SqlAttemptStore implements AttemptStore {
  readonly #database: SqlDatabase

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: { readonly database: SqlDatabase }) {
    const { database } = withDefaults(options, { database: undefined })
    this.#database = requireMethods('database', database, ['query'])
  }

  async read(keys: readonly AttemptKey[]): Promise<readonly Attempts[]> {
    const { rows } = await this.#database.query<AttemptRow & { readonly place: bigint }>(
      'SELECT * FROM message_attempts_read($1::text[], $2::text[], $3::text[])',
      columnsOf(keys),
      { prepareAs: 'message_attempts_read' },
    )
    const found = new Map(rows.map((row) => [Number(row.place), row]))
    return keys.map((_key, index) => attemptsOf(found.get(index + 1)))
  }

  async start(keys: readonly AttemptKey[]): Promise<readonly number[]> {
    const { rows } = await this.#database.query<{ message_key: string; starts: number }>(
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

  async end(ends: readonly FailedStart[]): Promise<void> {
    await this.#database.query(
      'SELECT message_attempts_end($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[])',
      [
        ...columnsOf(ends.map(({ key }) => key)),
        ends.map(({ reason }) => storableReason(reason)),
        ends.map(({ code }) => storableCode(code)),
        ends.map(({ isCounted }) => isCounted),
      ],
    )
  }

  async forget(keys: readonly AttemptKey[]): Promise<void> {
    await this.#database.query(
      'SELECT message_attempts_forget($1::text[], $2::text[], $3::text[])',
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
