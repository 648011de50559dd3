import type { MsgHdrs } from '@nats-io/transport-node'
import type { MessageHeaders } from '../../message-headers.ts'

/** Header by which the server drops duplicates. */
export const MESSAGE_ID = 'Nats-Msg-Id'
/** Headers that steer the server; passed on they would steer it again. */
const RESERVED = /^nats-/i

/** The headers of a stored message, without those that steer the server, and its message id. */
export function readHeaders(received: MsgHdrs | undefined): {
  readonly headers: MessageHeaders
  readonly messageId: string | null
} {
  const headers: Record<string, readonly string[]> = {}
  let messageId: string | null = null
  for (const [name, values] of received ?? []) {
    if (name === MESSAGE_ID) messageId = values[0] || null
    else if (!RESERVED.test(name)) headers[name] = values
  }
  return { headers, messageId }
}

/** Writes `headers` into `target`, leaving out those that steer the server; line breaks become blanks. */
export function writeHeaders(target: MsgHdrs, headers: MessageHeaders): void {
  for (const [name, values] of Object.entries(headers)) {
    if (RESERVED.test(name)) continue
    for (const value of values) target.append(name, value.replace(/[\r\n]+/g, ' '))
  }
}
