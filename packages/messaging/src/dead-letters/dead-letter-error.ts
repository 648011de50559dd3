import { GoldenError } from '@golden-arch/core/errors'

/** Codes of {@link DeadLetterError}. */
export type DeadLetterErrorCode = 'DEAD_LETTER_NOT_FOUND' | 'DEAD_LETTER_REDRIVING'

/**
 * A dead letter could not be read or settled: `DEAD_LETTER_NOT_FOUND` (the scope has none of that id) or
 * `DEAD_LETTER_REDRIVING` (it is just being published again; retryable).
 */
export class DeadLetterError extends GoldenError<DeadLetterErrorCode> {
  /** There is no dead letter of that id. */
  static notFound(dlqId: string): DeadLetterError {
    const details = { dlqId }
    return new DeadLetterError({
      code: 'DEAD_LETTER_NOT_FOUND',
      message: `there is no dead letter ${dlqId}`,
      details,
    })
  }

  /** It is just being published again. */
  static redriving(dlqId: string): DeadLetterError {
    const details = { dlqId }
    return new DeadLetterError({
      code: 'DEAD_LETTER_REDRIVING',
      message: 'the dead letter is just being published again',
      retryable: true,
      details,
    })
  }
}
