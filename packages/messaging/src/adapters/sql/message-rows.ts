import type { MessageHeaders } from '../../message-headers.ts'
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
  const { stream, subject, message_id: messageId, headers, payload, stored_at: storedAt } = row
  return { sequence: String(row.sequence), stream, subject, messageId, headers, payload, storedAt }
}

/** SQL that holds where a subject falls under one of the patterns in a jsonb array, as `matchesSubject` says. */
export function subjectMatchSql(patterns: string, subject: string): string {
  return `(jsonb_exists(${patterns}, '>') OR jsonb_exists(${patterns}, ${subject})
           OR EXISTS (SELECT 1 FROM jsonb_array_elements_text(${patterns}) AS p (pattern)
                       WHERE right(p.pattern, 2) = '.>' AND starts_with(${subject}, left(p.pattern, -1))))`
}
