import type { SqlDatabase, SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import { MessagingError } from '../../messaging-error.ts'
import type { EnsureReport } from '../../ports/message-broker.ts'
import {
  type ResolvedStreamDefinition,
  resolveStreamDefinition,
  type StreamDefinition,
} from '../../streams/stream-definition.ts'
import { requireDisjointSubjects, type StreamSubjects, streamTaking } from '../../streams/stream-subjects.ts'
import { subjectMatchSql } from './message-rows.ts'

/** A stream that takes messages. */
export interface SqlStream extends StreamSubjects {
  readonly is_bounded: boolean
}

interface StreamRow extends StreamSubjects {
  readonly max_bytes: bigint | null
  readonly max_age_ms: bigint
  readonly dedupe_window_ms: bigint
}

/** One consumer of a stream, as it is kept. */
export interface ConsumerPlace {
  readonly stream: string
  readonly durable: string
  readonly subjects: readonly string[]
  readonly startAt: 'all' | 'new'
}

/** The streams of a database, and what consumers they have. */
export class SqlStreams {
  #known: readonly SqlStream[] = []
  #looking: Promise<readonly SqlStream[]> | undefined

  /** Creates or updates the streams. */
  async ensure(database: SqlDatabase, definitions: readonly StreamDefinition[]): Promise<EnsureReport> {
    const wanted = definitions.map(resolveStreamDefinition)
    const names = new Set(wanted.map(({ stream }) => stream))
    return database.transaction(async (tx) => {
      // Two processes that start together must not add streams of shared subjects side by side.
      await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('golden-arch message_streams', 0))")
      const { rows } = await tx.query<StreamRow>(
        'SELECT stream, subjects, max_age_ms, dedupe_window_ms, max_bytes FROM message_streams',
      )
      requireDisjointSubjects([...rows.filter(({ stream }) => !names.has(stream)), ...wanted])
      const foundOf = new Map(rows.map((row) => [row.stream, row]))
      const changed = wanted.filter((definition) => {
        const found = foundOf.get(definition.stream)
        return found === undefined || !isSame(found, definition)
      })
      // All at first and in their order, as publications lock them, so that neither waits for the other crosswise.
      await tx.query(
        'SELECT FROM message_streams WHERE stream = ANY ($1::text[]) ORDER BY stream FOR NO KEY UPDATE',
        [changed.map(({ stream }) => stream)],
      )
      const [created, updated]: [string[], string[]] = [[], []]
      for (const definition of changed) {
        const found = foundOf.get(definition.stream)
        await write(tx, definition)
        const wasBounded = found !== undefined && found.max_bytes !== null
        if (!wasBounded || definition.maxBytes === null) await countBytes(tx, definition)
        if (found === undefined) created.push(definition.stream)
        else updated.push(definition.stream)
      }
      return { created, updated, drift: [] }
    })
  }

  /**
   * The stream that takes the subject; looks again where none is known.
   * @throws MessagingError `STREAM_NOT_FOUND`.
   */
  async taking(subject: string, executor: SqlExecutor): Promise<SqlStream> {
    try {
      return streamTaking(subject, this.#known)
    } catch {
      // Callers that come together share one look; a transaction may see streams that nobody else does.
      if ('scope' in executor) return streamTaking(subject, await readStreams(executor))
      this.#looking ??= readStreams(executor).finally(() => {
        this.#looking = undefined
      })
      this.#known = await this.#looking
      return streamTaking(subject, this.#known)
    }
  }

  /** Forgets what is known of the streams, so that the next look is at the database. */
  forget(): void {
    this.#known = []
  }

  /**
   * Writes the consumer down; one that is new gets what the stream holds, unless it starts with what comes.
   * @throws MessagingError `STREAM_NOT_FOUND`.
   */
  async addConsumer(database: SqlDatabase, place: ConsumerPlace): Promise<void> {
    const { stream, durable, subjects, startAt } = place
    await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ consumers: Readonly<Record<string, unknown>> }>(
        'SELECT consumers FROM message_streams WHERE stream = $1 FOR UPDATE',
        [stream],
      )
      if (rows[0] === undefined) throw noStream(stream)
      const isNew = !Object.hasOwn(rows[0].consumers, durable)
      await tx.query(
        `UPDATE message_streams SET consumers = consumers || jsonb_build_object($2::text, $3::jsonb)
          WHERE stream = $1`,
        [stream, durable, JSON.stringify(subjects)],
      )
      if (!isNew || startAt === 'new') return
      await tx.query(
        `INSERT INTO message_deliveries (stream, consumer, sequence)
         SELECT m.stream, $2, m.sequence FROM messages m
          WHERE m.stream = $1 AND ${subjectMatchSql('$3::jsonb', 'm.subject')}`,
        [stream, durable, JSON.stringify(subjects)],
      )
    })
  }
}

/** The error of a stream that does not exist. */
export function noStream(stream: string): MessagingError {
  return new MessagingError({
    code: 'STREAM_NOT_FOUND',
    message: `there is no stream ${stream}`,
    details: { stream },
  })
}

async function readStreams(executor: SqlExecutor): Promise<readonly SqlStream[]> {
  const { rows } = await executor.query<SqlStream>(
    'SELECT stream, subjects, max_bytes IS NOT NULL AS is_bounded FROM message_streams',
  )
  return rows
}

function isSame(found: StreamRow, definition: ResolvedStreamDefinition): boolean {
  return (
    JSON.stringify(found.subjects) === JSON.stringify(definition.subjects) &&
    found.max_age_ms === BigInt(definition.maxAgeMs) &&
    found.dedupe_window_ms === BigInt(definition.dedupeWindowMs) &&
    found.max_bytes === (definition.maxBytes === null ? null : BigInt(definition.maxBytes))
  )
}

async function write(tx: SqlTransaction, definition: ResolvedStreamDefinition): Promise<void> {
  await tx.query(
    `INSERT INTO message_streams (stream, subjects, max_age_ms, dedupe_window_ms, max_bytes)
     VALUES ($1, $2::text[], $3, $4, $5)
     ON CONFLICT (stream) DO UPDATE
        SET subjects = excluded.subjects, max_age_ms = excluded.max_age_ms,
            dedupe_window_ms = excluded.dedupe_window_ms, max_bytes = excluded.max_bytes`,
    [
      definition.stream,
      definition.subjects,
      definition.maxAgeMs,
      definition.dedupeWindowMs,
      definition.maxBytes,
    ],
  )
}

/** Counts what the stream holds, whose row is locked: nobody publishes to it or removes from it meanwhile. */
async function countBytes(tx: SqlTransaction, { stream, maxBytes }: ResolvedStreamDefinition): Promise<void> {
  await tx.query('DELETE FROM message_stream_bytes WHERE stream = $1', [stream])
  if (maxBytes === null) return
  await tx.query(
    `INSERT INTO message_stream_bytes (stream, bytes)
     SELECT $1, coalesce(sum(messages_size(m.subject, m.message_id, m.headers, m.payload)), 0)::bigint
       FROM messages m WHERE m.stream = $1`,
    [stream],
  )
}
