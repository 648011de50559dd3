import { GoldenError } from '@golden-arch/core/errors'

/** Codes of the errors of this folder. */
export type PatternErrorCode = 'PATTERN_NOT_FOUND' | 'PATTERN_NEEDS_PERSON'

/** A learnt pattern is not as the caller said, or the caller may not do that. Never retryable. */
export class PatternError extends GoldenError<PatternErrorCode> {}
