import type { MessageHeaders } from '../../dead-letters/dead-letter.ts'
import type { StoredMessage } from '../../ports/message-broker.ts'

/** A row of `messages`. */
export interface MessageRow {
  readonly sequence: bigint
  readonly stream: string
  readonly subject: string
  readonly message_id: string
  readonly headers: MessageHeaders
  readonly payload: Uint8Array
  readonly stored_at: Date
}

/** Columns of a {@link MessageRow}, of the table named `m`. */
export const MESSAGE_COLUMNS =
  'm.sequence, m.stream, m.subject, m.message_id, m.headers, m.payload, m.stored_at'

/** The row as a value. */
export function messageOf(row: MessageRow): StoredMessage {
  const { sequence, stream, subject, headers, payload } = row
  return { sequence, stream, subject, messageId: row.message_id, headers, payload, storedAt: row.stored_at }
}

/** SQL that holds where a subject falls under one of the patterns in a jsonb array, as `matchesSubject` says. */
export function subjectMatchSql(patterns: string, subject: string): string {
  return `(jsonb_exists(${patterns}, '>') OR jsonb_exists(${patterns}, ${subject})
           OR EXISTS (SELECT 1 FROM jsonb_array_elements_text(${patterns}) AS p (pattern)
                       WHERE right(p.pattern, 2) = '.>' AND starts_with(${subject}, left(p.pattern, -1))))`
}
