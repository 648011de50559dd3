import type { LlmFailure, LlmFailureCode, LlmSuccess } from '../outcome.ts'
import type { LlmUsage, LlmUsageTotal } from './llm-usage.ts'

/** One call of the model: what it used, and why its answer was refused. */
export interface AskAttempt {
  /** The first is 1. */
  readonly attempt: number
  /** Absent where the answer was taken, or none came. */
  readonly code?: LlmFailureCode
  /** Absent where it is not known. */
  readonly usage?: LlmUsage
}

/** What each asking tells, whatever it came to. */
export interface AskFacts {
  /** Every call that was made, in order. */
  readonly attempts: readonly AskAttempt[]
  /** What all of them used, those whose answers were refused included. */
  readonly usage: LlmUsageTotal
}

/**
 * Why asking ended without a value. `attempts`: none left. `refused`: the model or its provider declined.
 * `same-answer`: it gave an answer that was refused before. `tool-call`: it called a tool in place of answering.
 * `budget`: no room for another call. `aborted`: by the caller's signal. `failed`: the call or the budget threw `cause`.
 */
export type AskStop =
  | { readonly stop: 'attempts' | 'refused' | 'same-answer' | 'tool-call' | 'budget' | 'aborted' }
  | { readonly stop: 'failed'; readonly cause: unknown }

/** What asking a model gives: the value, or why there is none and what was wrong with the last answer, if any came. */
export type AskOutcome<Value> =
  | (LlmSuccess<Value> & AskFacts)
  | ({ readonly ok: false; readonly failure?: LlmFailure } & AskStop & AskFacts)
