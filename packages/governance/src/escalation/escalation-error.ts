import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this folder. */
export type EscalationErrorCode =
  | 'ESCALATION_NOT_FOUND'
  | 'ESCALATION_NEEDS_PERSON'
  | 'ESCALATION_NEEDS_DECISION'
  | 'ESCALATION_ALREADY_ACKNOWLEDGED'
  | 'ESCALATION_ALREADY_RESOLVED'

/** An escalation is not as the caller said, or the caller may not settle it. Never retryable. */
export class EscalationError extends GoldenError<EscalationErrorCode> {}
