import { GoldenError } from '@golden-arch/core/errors'

/** Codes of {@link DeadLetterError}. */
export type DeadLetterErrorCode = 'DEAD_LETTER_NOT_FOUND' | 'DEAD_LETTER_REDRIVING'

/**
 * A dead letter could not be settled: `DEAD_LETTER_NOT_FOUND` (the scope has none of that id) or
 * `DEAD_LETTER_REDRIVING` (it is just being published again; retryable).
 */
export class DeadLetterError extends GoldenError<DeadLetterErrorCode> {}
