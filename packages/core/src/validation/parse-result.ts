import type { JsonFaultCode } from './json/json-fault.ts'

/** Where in an answer the value was found. `tag-stripped`: all that was left when reasoning blocks were removed. */
export type LlmJsonSource = 'whole' | 'tag-stripped' | 'fence' | 'balanced'

/**
 * Why an answer was refused.
 * `EMPTY`: no text. `TOO_LARGE`, `TOO_DEEP`, `TOO_MANY_CANDIDATES`: beyond a limit. `REFUSED`: the model or its provider
 * declined. `TRUNCATED`: the text ends too early. `NO_JSON`: none found. `MALFORMED`: found, but not strict JSON.
 * `DUPLICATE_KEY`, `FORBIDDEN_KEY`, `UNSAFE_NUMBER`, `LONE_SURROGATE`: JSON whose meaning is in doubt.
 * `SCHEMA_MISMATCH`: JSON, but not of the schema. `AMBIGUOUS`: two different values of the schema.
 */
export type LlmParseFailureCode =
  | 'EMPTY'
  | 'TOO_LARGE'
  | 'TOO_MANY_CANDIDATES'
  | 'REFUSED'
  | 'TRUNCATED'
  | 'NO_JSON'
  | 'MALFORMED'
  | 'SCHEMA_MISMATCH'
  | 'AMBIGUOUS'
  | JsonFaultCode

/** One thing that is wrong with an answer. */
export interface LlmParseIssue {
  /** Keys and indexes from the root to the place. Empty at the root. */
  readonly path: ReadonlyArray<string | number>
  /** What should stand there. */
  readonly expected: string
  /** The kind of fault, as a short code such as `invalid_type`. */
  readonly kind: string
}

/** An answer that was read. */
export interface LlmParseSuccess<Value> {
  readonly ok: true
  readonly value: Value
  readonly source: LlmJsonSource
  /** How many JSON texts of the answer were looked at. */
  readonly candidates: number
}

/** An answer that was refused. */
export interface LlmParseFailure {
  readonly ok: false
  readonly code: LlmParseFailureCode
  /** What is wrong and where, 20 at most. Empty where there is no place to name. */
  readonly issues: readonly LlmParseIssue[]
  /** What is wrong, for a person. Holds nothing of the answer. */
  readonly message: string
}

/** What reading an answer gives. */
export type LlmParseResult<Value> = LlmParseSuccess<Value> | LlmParseFailure
