import type { EventEnvelope } from '@golden-arch/core/events'
import { MessagingError } from './messaging-error.ts'
import type { OutgoingMessage, StoredMessage } from './ports/message-broker.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const REQUIRED = ['id', 'source', 'type', 'time', 'tenantid'] as const
const OPTIONAL = ['subject', 'correlationid', 'causationid', 'traceparent', 'tracestate'] as const

/** The event as a message: its type is the subject, its id the message id, its JSON the payload. */
export function encodeEvent(event: EventEnvelope, maxPayloadBytes: number): OutgoingMessage {
  const payload = encoder.encode(JSON.stringify(event))
  if (payload.byteLength > maxPayloadBytes) {
    throw new MessagingError({
      code: 'PAYLOAD_TOO_LARGE',
      message: `the event has ${payload.byteLength} bytes, more than ${maxPayloadBytes}`,
      details: { eventId: event.id, payloadBytes: payload.byteLength, maxPayloadBytes },
    })
  }
  const { traceparent, tracestate } = event
  const message = { subject: event.type, messageId: event.id, payload }
  if (traceparent === undefined) return message
  const state = tracestate === undefined ? {} : { tracestate: [tracestate] }
  return { ...message, headers: { traceparent: [traceparent], ...state } }
}

/**
 * The event that a message carries.
 * @throws MessagingError `MALFORMED_MESSAGE` if the bytes are no CloudEvents 1.0 envelope with a tenant.
 */
export function decodeEvent(message: Pick<StoredMessage, 'payload'>): EventEnvelope {
  const value = parse(message.payload)
  if (typeof value !== 'object' || value === null) throw malformed('the message is no JSON object')
  // Any object may be asked for these fields; what they hold is checked next.
  const fields = value as Partial<Record<string, unknown>>
  if (fields.specversion !== '1.0') throw malformed('specversion is not 1.0')
  for (const name of REQUIRED) {
    const field = fields[name]
    if (typeof field !== 'string' || field === '' || field.length > 256) {
      throw malformed(`${name} is not a text of 1 to 256 characters`)
    }
  }
  for (const name of OPTIONAL) {
    if (fields[name] !== undefined && typeof fields[name] !== 'string') throw malformed(`${name} is no text`)
  }
  if (!('data' in value)) throw malformed('there are no data')
  return value as EventEnvelope // every field that the type requires was checked
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(payload))
  } catch (cause) {
    throw malformed('the message is no JSON in UTF-8', cause)
  }
}

function malformed(message: string, cause?: unknown): MessagingError {
  return new MessagingError({
    code: 'MALFORMED_MESSAGE',
    message,
    cause,
  })
}
