import { jsonText, type SqlExecutor } from '@golden-arch/core/storage'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import { subjectMatchSql } from './message-rows.ts'

/** A message and the stream that takes it. */
export interface RoutedMessage {
  readonly stream: string
  /** Whether the stream is held to have a bound in bytes. */
  readonly isBounded: boolean
  readonly message: OutgoingMessage
}

/** Where a message went, or why nowhere; `bound-changed`: the stream has got a bound since, or lost it. */
export type Publication = Receipt | 'no-stream' | 'stream-full' | 'bound-changed'

/** The channel on which new messages are told. */
export const MESSAGES_CHANNEL = 'messages'

/** Takes all that comes, for streams without a bound. */
const ANY_SIZE = {
  held: 's.max_bytes IS NULL',
  fitting: 'SELECT i.* FROM input i JOIN held h USING (stream)',
  size: '0::bigint',
  counted: '0',
} as const

// The smaller ones of a group come first, so that one which can never fit keeps no other out. Publications that run at
// the same time do not see one another's bytes: none waits for another.
const BOUNDED = {
  held: 's.max_bytes IS NOT NULL',
  fitting: `SELECT i.* FROM (
      SELECT i.*, sum(messages_size(i.subject, i.message_id, i.headers::jsonb, i.payload))
                    OVER (PARTITION BY i.stream ORDER BY octet_length(i.payload), i.place) AS used FROM input i) i
      JOIN (SELECT h.stream, h.max_bytes - coalesce(sum(b.bytes), 0) AS room
              FROM held h LEFT JOIN message_stream_bytes b USING (stream) GROUP BY 1, h.max_bytes) r USING (stream)
     WHERE i.used <= r.room`,
  size: 'messages_size(subject, message_id, headers, payload)',
  counted: `(SELECT count(message_stream_bytes_add(n.stream, n.bytes))
               FROM (SELECT stream, sum(bytes)::bigint AS bytes FROM added GROUP BY stream) n)`,
} as const

// Consumers are read from the locked row of their stream: see the comment on message_streams.consumers.
const publishSql = ({ held, fitting, size, counted }: typeof ANY_SIZE | typeof BOUNDED): string => `
  WITH input AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) WITH ORDINALITY
             AS i (stream, subject, message_id, headers, payload, place)
  ), held AS MATERIALIZED (
    SELECT s.stream, s.consumers, s.max_bytes FROM message_streams s
     WHERE s.stream = ANY ($1::text[]) AND ${held} ORDER BY s.stream FOR SHARE
  ), wanted AS MATERIALIZED (
    SELECT h.stream, c.key AS consumer, c.value AS patterns
      FROM held h CROSS JOIN LATERAL jsonb_each(h.consumers) AS c
  ), fitting AS (
    ${fitting}
  ), added AS (
    INSERT INTO messages (stream, subject, message_id, headers, payload)
    SELECT f.stream, f.subject, f.message_id, f.headers::jsonb, f.payload FROM fitting f ORDER BY f.place
    ON CONFLICT (stream, message_id) WHERE length(message_id) > 0 DO NOTHING
    RETURNING sequence, stream, subject, message_id, ${size} AS bytes
  ), offered AS (
    INSERT INTO message_deliveries (stream, consumer, sequence)
    SELECT a.stream, w.consumer, a.sequence FROM added a JOIN wanted w USING (stream)
     WHERE ${subjectMatchSql('w.patterns', 'a.subject')}
    RETURNING stream, consumer
  )
  SELECT a.stream, a.message_id, a.sequence, ${counted} AS counted,
         (SELECT count(pg_notify('${MESSAGES_CHANNEL}', n.stream || ' ' || n.consumer))
            FROM (SELECT DISTINCT stream, consumer FROM offered) n) AS told
    FROM added a`

const PUBLISH_ANY_SIZE = publishSql(ANY_SIZE)
const PUBLISH_BOUNDED = publishSql(BOUNDED)

/**
 * Stores messages with their deliveries, and says of each where it went. A message whose id the stream holds is not
 * added.
 * @throws StorageError by code.
 */
export async function publishMessages(
  executor: SqlExecutor,
  messages: readonly RoutedMessage[],
): Promise<readonly Publication[]> {
  const bounded = messages.filter(({ isBounded }) => isBounded)
  const others = bounded.length === 0 ? messages : messages.filter(({ isBounded }) => !isBounded)
  const added = new Map<string, string>()
  if (others.length > 0) await add(executor, PUBLISH_ANY_SIZE, 'messages_publish', others, added)
  if (bounded.length > 0) await add(executor, PUBLISH_BOUNDED, 'messages_publish_bounded', bounded, added)
  const rest = messages.filter(({ stream, message }) => !added.has(keyOf(stream, message.messageId)))
  const found = rest.length === 0 ? undefined : await findStored(executor, rest)
  const seen = new Set<string>()
  return messages.map(({ stream, isBounded, message }) => {
    const key = keyOf(stream, message.messageId)
    const there = found?.get(key)
    const sequence = added.get(key) ?? textOf(there?.sequence)
    if (sequence !== undefined) {
      // Of equal ids in one group the first was added; the rest are duplicates of it.
      const isDuplicate = seen.has(key) || !added.has(key)
      seen.add(key)
      return { stream, sequence, isDuplicate }
    }
    if (there === undefined) return 'no-stream'
    return there.is_bounded === isBounded ? 'stream-full' : 'bound-changed'
  })
}

interface AddedRow {
  readonly stream: string
  readonly message_id: string
  readonly sequence: bigint
}

async function add(
  executor: SqlExecutor,
  text: string,
  prepareAs: string,
  messages: readonly RoutedMessage[],
  added: Map<string, string>,
): Promise<void> {
  const { rows } = await executor.query<AddedRow>(
    text,
    [
      messages.map(({ stream }) => stream),
      messages.map(({ message }) => message.subject),
      messages.map(({ message }) => message.messageId),
      messages.map(({ message }) => jsonText(message.headers ?? {})),
      messages.map(({ message }) => message.payload),
    ],
    { prepareAs },
  )
  for (const row of rows) added.set(keyOf(row.stream, row.message_id), String(row.sequence))
}

interface FoundRow {
  readonly stream: string
  readonly message_id: string
  /** Null where the stream does not hold the message. */
  readonly sequence: bigint | null
  readonly is_bounded: boolean
}

/** What is known of messages that were not added; nothing where there is no such stream. */
async function findStored(
  executor: SqlExecutor,
  messages: readonly RoutedMessage[],
): Promise<ReadonlyMap<string, FoundRow>> {
  const { rows } = await executor.query<FoundRow>(
    `SELECT k.stream, k.message_id, m.sequence, s.max_bytes IS NOT NULL AS is_bounded
       FROM unnest($1::text[], $2::text[]) AS k (stream, message_id)
       JOIN message_streams s USING (stream)
       LEFT JOIN messages m ON m.stream = k.stream AND m.message_id = k.message_id
                           AND m.stream = ANY ($1::text[]) AND m.message_id = ANY ($2::text[])
                           AND length(m.message_id) > 0`,
    [messages.map(({ stream }) => stream), messages.map(({ message }) => message.messageId)],
  )
  return new Map(rows.map((row) => [keyOf(row.stream, row.message_id), row]))
}

function keyOf(stream: string, messageId: string): string {
  return `${stream}/${messageId}`
}

function textOf(sequence: bigint | null | undefined): string | undefined {
  return sequence === null || sequence === undefined ? undefined : String(sequence)
}
