import { GoldenError } from '../errors/index.ts'
import type { AskAttempt, LlmFailure, LlmUsageTotal } from '../validation/index.ts'

/** Codes of the errors of this folder. */
export type OutputErrorCode = 'OUTPUT_INVALID' | 'OUTPUT_REFUSED'

/** What an {@link OutputError} is built from. */
export interface OutputErrorInit {
  readonly failure: LlmFailure
  readonly attempts: readonly AskAttempt[]
  readonly usage: LlmUsageTotal
}

/**
 * A model gave no structured output that could be taken. `OUTPUT_INVALID`: its last answer could not be read or does not
 * fit the schema, and it is not asked again. `OUTPUT_REFUSED`: it or its provider declined. Holds nothing of an answer's
 * text but the keys of a path. Never retryable: it was asked as often as the options allow.
 */
export class OutputError extends GoldenError<OutputErrorCode> {
  /** What was wrong with the last answer, and where. */
  readonly failure: LlmFailure
  /** Every call that was made: why its answer was refused and what it used. */
  readonly attempts: readonly AskAttempt[]
  /** What all of them used. */
  readonly usage: LlmUsageTotal

  constructor({ failure, attempts, usage }: OutputErrorInit) {
    const calls = attempts.length === 1 ? 'one call' : `${attempts.length} calls`
    super({
      code: failure.code === 'REFUSED' ? 'OUTPUT_REFUSED' : 'OUTPUT_INVALID',
      message: `no structured output after ${calls}: ${failure.message}`,
      details: { failure: failure.code, issues: failure.issues, calls: attempts.length },
    })
    this.failure = failure
    this.attempts = attempts
    this.usage = usage
  }
}
