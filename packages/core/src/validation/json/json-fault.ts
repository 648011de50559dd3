/** What makes the meaning of well-formed JSON doubtful or dangerous. */
export type JsonFaultCode =
  | 'TOO_DEEP'
  | 'DUPLICATE_KEY'
  | 'FORBIDDEN_KEY'
  | 'UNSAFE_NUMBER'
  | 'LONE_SURROGATE'

/** Such a fault, and where it stands. */
export interface JsonFault {
  readonly code: JsonFaultCode
  /** Keys and indexes from the root to the place. */
  readonly path: ReadonlyArray<string | number>
}
