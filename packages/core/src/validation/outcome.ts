import type { Fix } from './fix.ts'
import type { JsonFaultCode } from './json/json-fault.ts'

/** Where in an answer the value was found: all of it (reasoning blocks aside), a code fence, an XML-like tag, or prose. */
export type LlmJsonSource = 'whole' | 'fence' | 'tag' | 'prose'

/**
 * Why an answer was refused.
 * `EMPTY`: no text. `TOO_LARGE`, `TOO_DEEP`, `TOO_MANY_CANDIDATES`: beyond a limit. `REFUSED`: the model or its provider
 * declined. `TRUNCATED`: the text ends too early. `ELIDED`: the answer says that it leaves something out. `MISSING_VALUE`:
 * a place without a value. `NO_JSON`: none found. `MALFORMED`: found, but not to be repaired with certainty.
 * `DUPLICATE_KEY`, `FORBIDDEN_KEY`, `UNSAFE_NUMBER`, `LONE_SURROGATE`: JSON whose meaning is in doubt.
 * `SCHEMA_MISMATCH`: JSON, but not of the schema. `AMBIGUOUS`: two different values of the schema.
 */
export type LlmFailureCode =
  | 'EMPTY'
  | 'TOO_LARGE'
  | 'TOO_MANY_CANDIDATES'
  | 'REFUSED'
  | 'TRUNCATED'
  | 'ELIDED'
  | 'MISSING_VALUE'
  | 'NO_JSON'
  | 'MALFORMED'
  | 'SCHEMA_MISMATCH'
  | 'AMBIGUOUS'
  | JsonFaultCode

/** A stretch of the answer in UTF-16 code units: start, and one past the end. */
export type LlmSpan = readonly [start: number, end: number]

/** The kinds of JSON values, and none. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'nothing'

/** One thing that is wrong with an answer. */
export interface LlmIssue {
  /** Keys and indexes from the root to the place. Empty at the root. */
  readonly path: ReadonlyArray<string | number>
  /** What should stand there. */
  readonly expected: string
  /** The kind of fault, as a short code such as `invalid_type`. */
  readonly kind: string
  /** The kind of thing that stands there, `nothing` where nothing does. Absent where there is no value to look at. */
  readonly received?: JsonKind
}

/** An answer that was read. */
export interface LlmSuccess<Value> {
  readonly ok: true
  readonly value: Value
  /** What was done to read it, the first 1000, in the order of the text. Empty: the answer was strict JSON of the schema. */
  readonly fixes: readonly Fix[]
  /** How sure the reading is, above 0 to 1: 1 without a fix, less with each kind of fix. A rank, not a probability. */
  readonly confidence: number
  readonly source: LlmJsonSource
  /** How many JSON texts of the answer were looked at. */
  readonly candidates: number
}

/** An answer that was refused. */
export interface LlmFailure {
  readonly ok: false
  readonly code: LlmFailureCode
  /** What is wrong and where, 20 at most. Empty where there is no place to name. */
  readonly issues: readonly LlmIssue[]
  /** Where in the answer the fault stands. Absent where it concerns the answer as a whole. */
  readonly span?: LlmSpan
  /** What is wrong, for a person. Holds nothing of the answer. */
  readonly message: string
}

/** What reading an answer gives. */
export type LlmOutcome<Value> = LlmSuccess<Value> | LlmFailure
