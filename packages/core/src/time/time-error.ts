import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type TimeErrorCode = 'DEADLINE_EXCEEDED' | 'ABORTED'

/** A wait ended without its result: `DEADLINE_EXCEEDED` (retryable) or `ABORTED` by the caller's signal. */
export class TimeError extends GoldenError<TimeErrorCode> {
  static deadlineExceeded(timeoutMs: number): TimeError {
    return new TimeError({
      code: 'DEADLINE_EXCEEDED',
      message: `no result within ${timeoutMs} ms`,
      retryable: true,
      details: { timeoutMs },
    })
  }

  static aborted(reason: unknown): TimeError {
    return new TimeError({ code: 'ABORTED', message: 'aborted by the caller', cause: reason })
  }
}
