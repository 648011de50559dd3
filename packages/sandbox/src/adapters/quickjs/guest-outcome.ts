import type { SandboxFile } from '../../execution-request.ts'
import type {
  ExecutionStatus,
  GuestError,
  GuestOutcome,
  GuestUsage,
  JsonValue,
} from '../../execution-result.ts'
import type { SharedOutput } from './shared-output.ts'

/** How a run ended, as the host sees it: the worker's word, or the host's own where the worker was killed. */
export interface RunEnd {
  readonly status: ExecutionStatus
  /** JSON text of the program's value. */
  readonly valueJson?: string
  readonly error?: GuestError
  readonly files?: readonly SandboxFile[]
  readonly usage?: GuestUsage
  /** Whether the interpreter is whole, so that a session may go on. */
  readonly isGuestIntact: boolean
  /** Whether the worker is not to be used again. */
  readonly isWorkerSpent: boolean
}

/** Joins the end of a run with the output that was written up to then. */
export function guestOutcome(end: RunEnd, output: SharedOutput): GuestOutcome {
  const { status, valueJson, error, files, usage } = end
  return {
    status,
    stdout: output.text('stdout'),
    stderr: output.text('stderr'),
    truncated: { stdout: output.isTruncated('stdout'), stderr: output.isTruncated('stderr') },
    ...(error === undefined ? {} : { error }),
    ...(files === undefined ? {} : { files }),
    ...(usage === undefined ? {} : { usage }),
    // Safe: JSON.parse gives JSON values only.
    ...(valueJson === undefined ? {} : { value: JSON.parse(valueJson) as JsonValue }),
  }
}
