import type { DeliverySettlement } from '../decision.ts'
import type { StoredMessage } from '../ports/message-broker.ts'
import type { DeadLetter } from './dead-letter.ts'

/** The dead letter that a message becomes when `consumer` gives it up. */
export function givenUpMessage(
  message: StoredMessage,
  consumer: string,
  settlement: Extract<DeliverySettlement, { readonly kind: 'dead-letter' }>,
  now: Date,
): DeadLetter {
  const { stream, sequence, messageId, subject, headers, payload, storedAt } = message
  const { tenantId, reason, code, attempts } = settlement
  return {
    source: { stream, sequence, consumer },
    tenantId,
    messageId,
    subject,
    headers,
    payload,
    error: reason,
    errorCode: code,
    attempts,
    firstSeenAt: storedAt,
    lastSeenAt: now,
  }
}
