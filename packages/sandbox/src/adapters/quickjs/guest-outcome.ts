import type { ExecutionStatus, GuestError, GuestOutcome, JsonValue } from '../../execution-result.ts'
import type { SharedOutput } from './shared-output.ts'

/** How a run ended, as the host sees it: the worker's word, or the host's own where the worker was killed. */
export interface RunEnd {
  readonly status: ExecutionStatus
  /** JSON text of the program's value. */
  readonly valueJson?: string
  readonly error?: GuestError
  /** Whether the worker is not to be used again. */
  readonly isWorkerSpent: boolean
}

/** Joins the end of a run with the output that was written up to then. */
export function guestOutcome(end: RunEnd, output: SharedOutput): GuestOutcome {
  const { status, valueJson, error } = end
  return {
    status,
    stdout: output.text('stdout'),
    stderr: output.text('stderr'),
    truncated: { stdout: output.isTruncated('stdout'), stderr: output.isTruncated('stderr') },
    ...(error === undefined ? {} : { error }),
    // Safe: JSON.parse gives JSON values only.
    ...(valueJson === undefined ? {} : { value: JSON.parse(valueJson) as JsonValue }),
  }
}
