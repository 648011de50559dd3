import { EscalationError, type EscalationErrorCode } from './escalation-error.ts'
import type { EscalationKey } from './escalation-rows.ts'

/** The error of a settlement that another one stands in the way of. */
export function tooLate(
  key: EscalationKey,
  kind: 'already-acknowledged' | 'already-resolved',
  by: string,
): EscalationError {
  return kind === 'already-resolved'
    ? refusal('ESCALATION_ALREADY_RESOLVED', `${by} has resolved this escalation`, key, { by })
    : refusal('ESCALATION_ALREADY_ACKNOWLEDGED', `${by} has acknowledged this escalation`, key, { by })
}

/** An error with the key of the escalation among its details. */
export function refusal(
  code: EscalationErrorCode,
  message: string,
  key: EscalationKey,
  more: object,
): EscalationError {
  const { tenantId, escalationId } = key
  return new EscalationError({ code, message, details: { tenantId, escalationId, ...more } })
}
