import type { JsonFault } from './json/json-fault.ts'
import type { LlmFailure, LlmFailureCode, LlmIssue, LlmSpan } from './outcome.ts'

const MESSAGES: Readonly<Record<LlmFailureCode, string>> = Object.freeze({
  EMPTY: 'the answer is empty',
  TOO_LARGE: 'the answer is longer than allowed',
  TOO_MANY_CANDIDATES: 'the answer holds more JSON texts than are looked at',
  REFUSED: 'the model or its provider declined to answer',
  TRUNCATED: 'the answer ends before its JSON does',
  ELIDED: 'the answer leaves out part of its JSON',
  MISSING_VALUE: 'the JSON lacks a value where one must stand',
  NO_JSON: 'the answer holds no JSON',
  MALFORMED: 'the answer holds JSON that is broken beyond a certain repair',
  TOO_DEEP: 'the JSON is nested deeper than allowed',
  DUPLICATE_KEY: 'an object names one key twice',
  FORBIDDEN_KEY: 'an object has a key that is not allowed',
  UNSAFE_NUMBER: 'a number cannot be kept exactly',
  LONE_SURROGATE: 'a string holds half of a surrogate pair',
  SCHEMA_MISMATCH: 'the JSON does not fit the schema',
  AMBIGUOUS: 'the answer holds different values that fit the schema',
})

const EXPECTED: Readonly<Record<JsonFault['code'], string>> = Object.freeze({
  TRUNCATED: 'the rest of the JSON',
  ELIDED: 'all values, with nothing left out',
  MISSING_VALUE: 'a value',
  MALFORMED: 'strict JSON',
  TOO_DEEP: 'less nesting',
  DUPLICATE_KEY: 'each key once',
  FORBIDDEN_KEY: 'no such key',
  UNSAFE_NUMBER: 'a number that a double keeps exactly, or a string',
  LONE_SURROGATE: 'well-formed Unicode',
})

/** A refusal with its fixed message. */
export function refuse(code: LlmFailureCode, issues: readonly LlmIssue[] = [], span?: LlmSpan): LlmFailure {
  return { ok: false, code, issues, message: MESSAGES[code], ...(span === undefined ? {} : { span }) }
}

/** The refusal for a fault of the JSON itself. */
export function refuseFault(fault: JsonFault): LlmFailure {
  const { code, path, start, end } = fault
  return refuse(code, [{ path, expected: EXPECTED[code], kind: code.toLowerCase() }], [start, end])
}
