import type { OutgoingMessage } from './ports/message-broker.ts'

/** Bytes of what a message carries: its payload and its headers. */
export function messageBytes({
  payload,
  headers = {},
}: Pick<OutgoingMessage, 'payload' | 'headers'>): number {
  let bytes = payload.byteLength
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values) bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  return bytes
}
