/** What makes the meaning of well-formed JSON doubtful or dangerous. */
export type JsonFaultCode =
  | 'TOO_DEEP'
  | 'DUPLICATE_KEY'
  | 'FORBIDDEN_KEY'
  | 'UNSAFE_NUMBER'
  | 'LONE_SURROGATE'

/** Why reading ended before the value did. `TRUNCATED`: only the end of the text is wrong. */
export type JsonStopCode =
  | 'TRUNCATED'
  | 'ELIDED'
  | 'MISSING_VALUE'
  | 'MALFORMED'
  | 'UNSAFE_NUMBER'
  | 'TOO_DEEP'

/** A fault, and where it stands. */
export interface JsonFault<Code extends string = JsonFaultCode | JsonStopCode> {
  readonly code: Code
  /** First UTF-16 code unit of the text that is at fault. */
  readonly start: number
  /** One past the last. */
  readonly end: number
  /** Keys and indexes from the root to the place, the outermost 32. */
  readonly path: ReadonlyArray<string | number>
}
