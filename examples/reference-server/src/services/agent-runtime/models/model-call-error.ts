import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the ends of an asking that give no answer. */
export type ModelCallErrorCode = 'MODEL_CALL_FAILED' | 'BUDGET_DENIED' | 'CALLS_LOST'

/**
 * A question to a model has no answer. Retryable: a `MODEL_CALL_FAILED` that may not meet the same again, with
 * `details.retryAfterMs` where the server said when. `BUDGET_DENIED`: there is no room for the call. `CALLS_LOST`: too many
 * runs ended in the middle of a call.
 */
export class ModelCallError extends GoldenError<ModelCallErrorCode> {}
