import { InvalidOptionError, requireText } from '@golden-arch/core/errors'
import { MessagingError } from './messaging-error.ts'
import { MAX_PAYLOAD_BYTES } from './payload-limit.ts'
import type { OutgoingMessage } from './ports/message-broker.ts'
import { requireSubject } from './streams/subject-pattern.ts'

/**
 * Returns the message if every broker can take it.
 * @throws InvalidOptionError `INVALID_OPTION`; MessagingError `PAYLOAD_TOO_LARGE` above 64 MiB.
 */
export function requireOutgoingMessage(message: OutgoingMessage): OutgoingMessage {
  requireSubject(message.subject)
  requireText('messageId', message.messageId, 256)
  if (!(message.payload instanceof Uint8Array)) {
    throw new InvalidOptionError('payload', 'a Uint8Array', message.payload)
  }
  const payloadBytes = message.payload.byteLength
  if (payloadBytes > MAX_PAYLOAD_BYTES) {
    const details = { messageId: message.messageId, payloadBytes, maxPayloadBytes: MAX_PAYLOAD_BYTES }
    throw new MessagingError({ code: 'PAYLOAD_TOO_LARGE', message: 'the message is too large', details })
  }
  return message
}
