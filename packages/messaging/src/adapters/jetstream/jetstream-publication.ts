import { type Clock, withDeadline } from '@golden-arch/core/time'
import type { JetStreamClient } from '@nats-io/jetstream'
import { MessagingError } from '../../messaging-error.ts'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import { isNoResponders, translateFailure } from './jetstream-failure.ts'
import { writeHeaders } from './jetstream-headers.ts'
import type { NatsFunctions } from './nats-client.ts'

/** How one publication runs. */
export interface PublicationOptions {
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** Room for the lines that the server and the client add to a message beside its headers and payload. */
const OVERHEAD_BYTES = 512

/**
 * Stores a message and waits for the stream's acknowledgement.
 * @throws MessagingError `NO_STREAM`, `PAYLOAD_TOO_LARGE`, `STREAM_FULL`, `BROKER_UNAVAILABLE`; TimeError.
 */
export async function publishStored(
  client: JetStreamClient,
  newHeaders: NatsFunctions['headers'],
  maxPayloadBytes: number,
  message: OutgoingMessage,
  options: PublicationOptions,
): Promise<Receipt> {
  const { subject, messageId, payload } = message
  const headers = newHeaders()
  writeHeaders(headers, message.headers ?? {})
  const payloadBytes = payload.length + headerBytes(message) + OVERHEAD_BYTES
  if (payloadBytes > maxPayloadBytes) {
    throw new MessagingError({
      code: 'PAYLOAD_TOO_LARGE',
      message: 'the message is too large for the server',
      details: { subject, messageId, payloadBytes, maxPayloadBytes },
    })
  }
  const { timeoutMs, clock, signal } = options
  try {
    return await withDeadline(
      { timeoutMs, clock, ...(signal === undefined ? {} : { signal }) },
      async (): Promise<Receipt> => {
        const stored = await client.publish(subject, payload, {
          msgID: messageId,
          headers,
          timeout: timeoutMs,
        })
        return { stream: stored.stream, sequence: BigInt(stored.seq), duplicate: stored.duplicate }
      },
    )
  } catch (error) {
    if (isNoResponders(error)) throw await explainSilence(client, subject, error)
    throw translateFailure(error, { subject, messageId })
  }
}

/** Nobody answered: either no stream takes the subject, or the server is not ready. */
async function explainSilence(client: JetStreamClient, subject: string, cause: unknown): Promise<Error> {
  try {
    const manager = await client.jetstreamManager(false)
    const streams = await manager.streams.names(subject).next()
    if (streams.length === 0) {
      const message = 'no stream takes the subject'
      return new MessagingError({ code: 'NO_STREAM', message, details: { subject }, cause })
    }
  } catch {
    // The server does not answer this question either.
  }
  const message = 'the server has the stream but does not answer for it now'
  return new MessagingError({
    code: 'BROKER_UNAVAILABLE',
    message,
    retryable: true,
    details: { subject },
    cause,
  })
}

function headerBytes({ messageId, headers = {} }: OutgoingMessage): number {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    values.map((value) => `${name}: ${value}`),
  )
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 2, Buffer.byteLength(messageId) + 32)
}
