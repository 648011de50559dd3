import type { MessageHeaders } from '../message-headers.ts'
import type { OutgoingMessage, StoredMessage } from '../ports/message-broker.ts'
import type { DeadLetter } from './dead-letter.ts'

const HEADER = 'Golden-Dead-Letter'
const MAX_ERROR_LENGTH = 2000
const MAX_HEADERS_LENGTH = 16_384

/** What stands in the header of a dead letter on its way: all but the payload. */
interface DeadLetterHeader {
  readonly stream: string
  readonly sequence: string
  readonly consumer: string
  readonly tenantId: string | null
  readonly messageId: string | null
  readonly subject: string
  readonly headers: MessageHeaders
  readonly error: string
  readonly errorCode: string | null
  readonly attempts: number
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  /** Where the payload is; `source`: it was too large beside this header and stayed in the stream it came from. */
  readonly payloadAt: 'here' | 'source' | 'nowhere'
}

/** A dead letter as it was read off the stream. */
export interface ReceivedDeadLetter {
  readonly letter: DeadLetter
  /** Whether the payload must still be fetched from its source. */
  readonly isPayloadAtSource: boolean
}

/**
 * The dead letter as a message for the dead-letter stream. Its id follows from the message's place and own id, so that
 * handing it over again is dropped. The error is cut to 2000 characters; headers beyond 16 KiB are left out. With
 * `leavePayload` the bytes stay in the stream that they came from.
 */
export function writeDeadLetter(letter: DeadLetter, prefix: string, leavePayload: boolean): OutgoingMessage {
  const { source, payload } = letter
  const header: DeadLetterHeader = {
    stream: source.stream,
    sequence: source.sequence,
    consumer: source.consumer,
    tenantId: letter.tenantId,
    messageId: letter.messageId,
    subject: letter.subject,
    headers: JSON.stringify(letter.headers).length > MAX_HEADERS_LENGTH ? {} : letter.headers,
    error: letter.error.slice(0, MAX_ERROR_LENGTH),
    errorCode: letter.errorCode,
    attempts: letter.attempts,
    firstSeenAt: letter.firstSeenAt.toISOString(),
    lastSeenAt: letter.lastSeenAt.toISOString(),
    payloadAt: payload === null ? 'nowhere' : leavePayload ? 'source' : 'here',
  }
  return {
    subject: `${prefix}.${source.stream}`,
    messageId: [source.stream, source.sequence, source.consumer, letter.messageId ?? ''].join(':'),
    payload: payload === null || leavePayload ? new Uint8Array() : payload,
    headers: { [HEADER]: [Buffer.from(JSON.stringify(header)).toString('base64url')] },
  }
}

/** The dead letter that a message of the dead-letter stream holds; what is none is taken as one of unknown source. */
export function readDeadLetter(message: StoredMessage, consumer: string): ReceivedDeadLetter {
  const header = parseHeader(message.headers[HEADER]?.[0])
  if (header === undefined) return { letter: strayLetter(message, consumer), isPayloadAtSource: false }
  return {
    letter: {
      source: { stream: header.stream, sequence: String(BigInt(header.sequence)), consumer: header.consumer },
      tenantId: header.tenantId,
      messageId: header.messageId,
      subject: header.subject,
      headers: header.headers,
      payload: header.payloadAt === 'here' ? message.payload : null,
      error: header.error,
      errorCode: header.errorCode,
      attempts: header.attempts,
      firstSeenAt: new Date(header.firstSeenAt),
      lastSeenAt: new Date(header.lastSeenAt),
    },
    isPayloadAtSource: header.payloadAt === 'source',
  }
}

function parseHeader(encoded: string | undefined): DeadLetterHeader | undefined {
  if (encoded === undefined) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
    return isHeader(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isHeader(value: unknown): value is DeadLetterHeader {
  if (typeof value !== 'object' || value === null) return false
  // Every member that is read is looked at here.
  const header = value as Partial<Record<keyof DeadLetterHeader, unknown>>
  const isTextOrNull = (one: unknown): boolean => one === null || typeof one === 'string'
  const isInstant = (one: unknown): boolean => typeof one === 'string' && !Number.isNaN(Date.parse(one))
  return (
    typeof header.stream === 'string' &&
    typeof header.sequence === 'string' &&
    /^\d{1,19}$/.test(header.sequence) &&
    typeof header.consumer === 'string' &&
    typeof header.subject === 'string' &&
    typeof header.error === 'string' &&
    typeof header.attempts === 'number' &&
    isTextOrNull(header.tenantId) &&
    isTextOrNull(header.messageId) &&
    isTextOrNull(header.errorCode) &&
    isInstant(header.firstSeenAt) &&
    isInstant(header.lastSeenAt) &&
    isHeaders(header.headers)
  )
}

function isHeaders(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      (one) => Array.isArray(one) && one.every((text: unknown) => typeof text === 'string'),
    )
  )
}

function strayLetter(message: StoredMessage, consumer: string): DeadLetter {
  return {
    source: { stream: message.stream, sequence: message.sequence, consumer },
    tenantId: null,
    messageId: message.messageId,
    subject: message.subject,
    headers: message.headers,
    payload: message.payload,
    error: 'published to the dead-letter stream without saying where it came from',
    errorCode: 'STRAY_DEAD_LETTER',
    attempts: 0,
    firstSeenAt: message.storedAt,
    lastSeenAt: message.storedAt,
  }
}
