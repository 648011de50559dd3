import type { LlmFailure, LlmFailureCode, LlmIssue } from './outcome.ts'

const MESSAGES: Readonly<Record<LlmFailureCode, string>> = Object.freeze({
  EMPTY: 'the answer is empty',
  TOO_LARGE: 'the answer is longer than allowed',
  TOO_MANY_CANDIDATES: 'the answer holds more JSON texts than are looked at',
  REFUSED: 'the model or its provider declined to answer',
  TRUNCATED: 'the answer ends before its JSON does',
  ELIDED: 'the answer leaves out part of its JSON',
  MISSING_VALUE: 'the JSON lacks a value where one must stand',
  NO_JSON: 'the answer holds no JSON',
  MALFORMED: 'the answer holds JSON that is not strict JSON',
  TOO_DEEP: 'the JSON is nested deeper than allowed',
  DUPLICATE_KEY: 'an object names one key twice',
  FORBIDDEN_KEY: 'an object has a key that is not allowed',
  UNSAFE_NUMBER: 'a number cannot be kept exactly',
  LONE_SURROGATE: 'a string holds half of a surrogate pair',
  SCHEMA_MISMATCH: 'the JSON does not fit the schema',
  AMBIGUOUS: 'the answer holds different values that fit the schema',
})

/** A refusal with its fixed message. */
export function refuse(code: LlmFailureCode, issues: readonly LlmIssue[] = []): LlmFailure {
  return { ok: false, code, issues, message: MESSAGES[code] }
}
