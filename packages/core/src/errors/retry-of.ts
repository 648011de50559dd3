import { isGoldenError } from './golden-error.ts'

/** What an error says about beginning the work that it ended anew. */
export interface WorkRetry {
  /** Whether the work may come to an end if it is begun anew, later and perhaps by another process. */
  readonly retryable: boolean
  /** Whole milliseconds for which it is of no use before, 0 to 86400000. Absent where nobody can tell. */
  readonly retryAfterMs?: number
}

const MAX_RETRY_AFTER_MS = 86_400_000

/** Codes of errors that are of no use to repeat as a call, but say nothing of work that is begun anew. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  // Begun anew, the work looks for what it did, as after the death of its process.
  'OUTCOME_UNKNOWN',
  // Somebody stopped waiting.
  'ABORTED',
  // A person holds the circuit open, until that person lets go.
  'CIRCUIT_ISOLATED',
  // Other rows were there, or less time.
  'UNIQUE_VIOLATION',
  'FOREIGN_KEY_VIOLATION',
  'QUERY_CANCELLED',
  // Begun anew, the work opens another.
  'SANDBOX_SESSION_ENDED',
  // This process is about to end; another has it open.
  'AUDIT_WRITER_CLOSED',
  'BROKER_CLOSED',
  'DATABASE_CLOSED',
  'SANDBOX_CLOSED',
])

/**
 * Whether work that failed by `error` is worth another try, and when at the earliest: the one rule for messages and for steps
 * of tasks, which are begun anew as a whole. An error that is none of these packages' may be anything, a lost connection too,
 * so it is. One of ours is where it is `retryable`, or where its code tells of the moment and not of the work. Another question
 * is whether one call may be repeated: that is `retryable` itself.
 */
export function retryOf(error: unknown): WorkRetry {
  if (!isGoldenError(error)) return { retryable: true }
  const retryable = error.retryable || OF_THE_MOMENT.has(error.code)
  const { retryAfterMs } = error
  if (retryAfterMs === undefined) return { retryable }
  return { retryable, retryAfterMs: Math.min(Math.ceil(retryAfterMs), MAX_RETRY_AFTER_MS) }
}
