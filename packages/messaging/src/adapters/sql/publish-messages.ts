import type { SqlExecutor } from '@golden-arch/core/storage'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import { subjectMatchSql } from './message-rows.ts'

/** A message and the stream that takes it. */
export interface RoutedMessage {
  readonly stream: string
  readonly message: OutgoingMessage
}

/** The channel on which new messages are told. */
export const MESSAGES_CHANNEL = 'messages'

// Consumers are read from the locked row of their stream: see the comment on message_streams.consumers.
const PUBLISH = `
  WITH input AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) WITH ORDINALITY
             AS i (stream, subject, message_id, headers, payload, place)
  ), held AS MATERIALIZED (
    SELECT s.stream, s.consumers FROM message_streams s
     WHERE s.stream = ANY ($1::text[]) ORDER BY s.stream FOR SHARE
  ), wanted AS MATERIALIZED (
    SELECT h.stream, c.key AS consumer, c.value AS patterns
      FROM held h CROSS JOIN LATERAL jsonb_each(h.consumers) AS c
  ), added AS (
    INSERT INTO messages (stream, subject, message_id, headers, payload)
    SELECT i.stream, i.subject, i.message_id, i.headers::jsonb, i.payload
      FROM input i JOIN held h USING (stream) ORDER BY i.place
    ON CONFLICT (stream, message_id) DO NOTHING
    RETURNING sequence, stream, subject, message_id
  ), offered AS (
    INSERT INTO message_deliveries (stream, consumer, sequence)
    SELECT a.stream, w.consumer, a.sequence FROM added a JOIN wanted w USING (stream)
     WHERE ${subjectMatchSql('w.patterns', 'a.subject')}
  )
  SELECT a.stream, a.message_id, a.sequence,
         (SELECT count(pg_notify('${MESSAGES_CHANNEL}', n.stream)) FROM (SELECT DISTINCT stream FROM added) n) AS told
    FROM added a`

/**
 * Stores messages with their deliveries in one statement, and says of each where it went; null where its stream does
 * not exist. A message whose id the stream holds is not added.
 * @throws StorageError by code.
 */
export async function publishMessages(
  executor: SqlExecutor,
  messages: readonly RoutedMessage[],
): Promise<readonly (Receipt | null)[]> {
  const { rows } = await executor.query<StoredRow>(
    PUBLISH,
    [
      messages.map(({ stream }) => stream),
      messages.map(({ message }) => message.subject),
      messages.map(({ message }) => message.messageId),
      messages.map(({ message }) => JSON.stringify(message.headers ?? {})),
      messages.map(({ message }) => message.payload),
    ],
    { prepareAs: 'messages_publish' },
  )
  const added = new Map(rows.map((row) => [keyOf(row.stream, row.message_id), row.sequence]))
  const others = messages.filter(({ stream, message }) => !added.has(keyOf(stream, message.messageId)))
  const known = others.length === 0 ? added : await findStored(executor, others)
  const seen = new Set<string>()
  return messages.map(({ stream, message }) => {
    const key = keyOf(stream, message.messageId)
    const sequence = added.get(key) ?? known.get(key)
    if (sequence === undefined) return null
    // Of equal ids in one group the first was added; the rest are duplicates of it.
    const duplicate = seen.has(key) || !added.has(key)
    seen.add(key)
    return { stream, sequence, duplicate }
  })
}

interface StoredRow {
  readonly stream: string
  readonly message_id: string
  readonly sequence: bigint
}

async function findStored(
  executor: SqlExecutor,
  messages: readonly RoutedMessage[],
): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await executor.query<StoredRow>(
    `SELECT m.stream, m.message_id, m.sequence FROM messages m
       JOIN unnest($1::text[], $2::text[]) AS k (stream, message_id) USING (stream, message_id)
      WHERE m.stream = ANY ($1::text[]) AND m.message_id = ANY ($2::text[])`,
    [messages.map(({ stream }) => stream), messages.map(({ message }) => message.messageId)],
  )
  return new Map(rows.map((row) => [keyOf(row.stream, row.message_id), row.sequence]))
}

function keyOf(stream: string, messageId: string): string {
  return `${stream}/${messageId}`
}
