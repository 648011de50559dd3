import type { Attempts } from '../../ports/attempt-store.ts'

/** What a table says of the starts for one message. */
export interface AttemptRow {
  readonly starts: number
  readonly is_interrupted: boolean
  readonly reason: string | null
  readonly code: string | null
}

const MAX_REASON_LENGTH = 2000
const MAX_CODE_LENGTH = 128

/** The row as a value; without one there was no start. */
export function attemptsOf(row: AttemptRow | undefined): Attempts {
  if (row === undefined) return { starts: 0, isInterrupted: false, lastFailure: null }
  const { starts, is_interrupted: isInterrupted, reason, code } = row
  return { starts, isInterrupted, lastFailure: reason === null || code === null ? null : { reason, code } }
}

/** A reason as the column takes it. */
export function storableReason(reason: string): string {
  return storable(reason, MAX_REASON_LENGTH)
}

/** A code as the column takes it. */
export function storableCode(code: string): string {
  return storable(code, MAX_CODE_LENGTH)
}

/** Text that PostgreSQL takes: without NUL, cut to the column's length in whole characters. */
function storable(text: string, maxLength: number): string {
  return text.replaceAll('\u0000', '').slice(0, maxLength).toWellFormed()
}
