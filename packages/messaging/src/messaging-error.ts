import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this package. */
export type MessagingErrorCode =
  | 'BROKER_OVERLOADED'
  | 'CONSUMER_TAKEN'
  | 'DELIVERY_FAILED'
  | 'PAYLOAD_TOO_LARGE'

/**
 * A message was not taken over or a subscription not made:
 * - `BROKER_OVERLOADED` (retryable): too many events are being handled.
 * - `CONSUMER_TAKEN`: a consumer of that name subscribes already.
 * - `DELIVERY_FAILED` (retryable): `details.consumers` did not handle the event; the others did.
 * - `PAYLOAD_TOO_LARGE`: the envelope has `details.payloadBytes`, more than `details.maxPayloadBytes`.
 */
export class MessagingError extends GoldenError<MessagingErrorCode> {}
