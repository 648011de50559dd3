import type { Clock } from '@golden-arch/core/time'
import type { ApiError, JetStreamClient, PubAck } from '@nats-io/jetstream'
import type { Msg, MsgHdrs } from '@nats-io/transport-node'
import { MessagingError } from '../../messaging-error.ts'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import { noStreamTakes } from '../../streams/stream-subjects.ts'
import { translateFailure } from './jetstream-failure.ts'
import { MESSAGE_ID, writeHeaders } from './jetstream-headers.ts'
import type { NatsFunctions } from './nats-client.ts'
import type { PublicationReplies } from './publication-replies.ts'

/** How one publication runs. */
export interface PublicationOptions {
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** Room for the lines that the server and the client add to a message beside its headers and payload. */
const OVERHEAD_BYTES = 512

/** What a publication goes through. */
export interface PublicationSession extends Pick<NatsFunctions, 'headers' | 'JetStreamApiError'> {
  readonly client: JetStreamClient
  readonly replies: PublicationReplies
}

/** A message as the client publishes it. */
export interface PreparedMessage {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: MsgHdrs
}

/** @throws MessagingError `PAYLOAD_TOO_LARGE` unless the server takes the message with its headers. */
export function requireFittingMessage(message: OutgoingMessage, maxPayloadBytes: number): void {
  const { subject, messageId, payload } = message
  const payloadBytes = payload.length + headerBytes(message) + OVERHEAD_BYTES
  if (payloadBytes <= maxPayloadBytes) return
  throw new MessagingError({
    code: 'PAYLOAD_TOO_LARGE',
    message: 'the message is too large for the server',
    details: { subject, messageId, payloadBytes, maxPayloadBytes },
  })
}

/** The message with the header by which the server knows it again. */
export function prepareMessage(
  { headers: newHeaders }: PublicationSession,
  { subject, messageId, payload, headers: given }: OutgoingMessage,
): PreparedMessage {
  const headers = newHeaders()
  headers.append(MESSAGE_ID, messageId)
  if (given !== undefined) writeHeaders(headers, given)
  return { subject, payload, headers }
}

/**
 * Stores a message and waits for the stream's acknowledgement.
 * @throws MessagingError `STREAM_NOT_FOUND`, `PAYLOAD_TOO_LARGE` (by the stream's own bound), `STREAM_FULL`, `BROKER_UNAVAILABLE`; TimeError.
 */
export async function publishStored(
  session: PublicationSession,
  message: OutgoingMessage,
  options: PublicationOptions,
): Promise<Receipt> {
  const { subject, messageId } = message
  let answer: Msg
  try {
    answer = await session.replies.ask({ ...prepareMessage(session, message), ...options })
    if (!isNoResponders(answer)) return receiptOf(answer, session)
  } catch (error) {
    throw translateFailure(error, { subject, messageId })
  }
  throw await explainSilence(session.client, subject)
}

function receiptOf(answer: Msg, { JetStreamApiError }: PublicationSession): Receipt {
  // The two shapes in which a stream answers a publication.
  const { error, stream, seq, duplicate } = answer.json<PubAck & { readonly error?: ApiError }>()
  if (error !== undefined) throw new JetStreamApiError(error)
  if (typeof stream !== 'string' || stream === '') throw new Error('no stream has acknowledged')
  return { stream, sequence: String(BigInt(seq)), isDuplicate: duplicate === true }
}

/** Whether nobody listened: no stream takes the subject, or JetStream is not ready yet. */
export function isNoResponders({ data, headers }: Msg): boolean {
  return data.length === 0 && headers?.code === 503
}

/** Nobody answered: either no stream takes the subject, or the server is not ready. */
async function explainSilence(client: JetStreamClient, subject: string): Promise<Error> {
  try {
    const manager = await client.jetstreamManager(false)
    const streams = await manager.streams.names(subject).next()
    if (streams.length === 0) return noStreamTakes(subject)
  } catch {
    // The server does not answer this question either.
  }
  const message = 'the server has the stream but does not answer for it now'
  return new MessagingError({ code: 'BROKER_UNAVAILABLE', message, retryable: true, details: { subject } })
}

function headerBytes({ messageId, headers }: OutgoingMessage): number {
  let bytes = Buffer.byteLength(messageId) + 32
  if (headers === undefined) return bytes
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values) bytes += Buffer.byteLength(`${name}: ${value}`) + 2
  }
  return bytes
}
