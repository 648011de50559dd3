import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this package. */
export type MessagingErrorCode =
  | 'BROKER_CLOSED'
  | 'BROKER_OVERLOADED'
  | 'BROKER_UNAVAILABLE'
  | 'MALFORMED_MESSAGE'
  | 'INBOX_REQUIRED'
  | 'STREAM_NOT_FOUND'
  | 'NON_RETRYABLE'
  | 'PAYLOAD_TOO_LARGE'
  | 'SCHEMA_TIMEOUT'
  | 'SCHEMA_MISMATCH'
  | 'STREAM_FULL'
  | 'TRANSACTION_UNSUPPORTED'

/**
 * A message was not stored, read or handled:
 * - `BROKER_CLOSED`: the broker was closed before.
 * - `BROKER_OVERLOADED` (retryable): `details.maxQueueLength` publications of this process wait already; nothing was stored.
 * - `BROKER_UNAVAILABLE` (retryable): the broker does not answer.
 * - `MALFORMED_MESSAGE`: the bytes are no event envelope.
 * - `INBOX_REQUIRED`: `once` was called in a consumer without an inbox.
 * - `STREAM_NOT_FOUND`: no stream takes `details.subject`, or `details.stream` does not exist.
 * - `NON_RETRYABLE`: a handler says that trying again is of no use.
 * - `PAYLOAD_TOO_LARGE`: the envelope has `details.payloadBytes`, more than `details.maxPayloadBytes`.
 * - `SCHEMA_MISMATCH`: the data do not fit the schema; `details.issues` says where.
 * - `SCHEMA_TIMEOUT` (retryable): the schema gave no answer within `details.timeoutMs`.
 * - `STREAM_FULL` (retryable): the stream has reached its bound, or the server has no room left.
 * - `TRANSACTION_UNSUPPORTED`: this broker cannot publish in a transaction of the caller's.
 */
export class MessagingError extends GoldenError<MessagingErrorCode> {
  /** `BROKER_OVERLOADED`, with about the time in which a broker that answers makes room. */
  static overloaded(maxQueueLength: number): MessagingError {
    return new MessagingError({
      code: 'BROKER_OVERLOADED',
      message: `${maxQueueLength} publications wait already`,
      retryable: true,
      details: { maxQueueLength, retryAfterMs: OVERLOADED_RETRY_MS },
    })
  }
}

const OVERLOADED_RETRY_MS = 1000

/** Thrown by a handler: the message becomes a dead letter at once. Code `NON_RETRYABLE`. */
export class NonRetryableError extends MessagingError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'NON_RETRYABLE', message, cause })
  }
}
