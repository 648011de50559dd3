import type { ExecutionLimits } from './execution-limits.ts'
import type { SandboxInputFile } from './execution-request.ts'
import type { ExecutionResult, ExecutionTimings, GuestOutcome } from './execution-result.ts'
import type { SandboxBackend } from './ports/sandbox-backend.ts'
import { provenanceOf } from './provenance.ts'

/** What was run, and where its time went. */
export interface ExecutionFacts {
  readonly executionId: string
  readonly code: string
  readonly files?: readonly SandboxInputFile[] | undefined
  readonly limits: ExecutionLimits
  readonly timings: ExecutionTimings
}

/** The outcome of what was cancelled before it ran. */
export const NEVER_RAN: GuestOutcome = Object.freeze({
  status: 'cancelled',
  stdout: '',
  stderr: '',
  truncated: Object.freeze({ stdout: false, stderr: false }),
})

/** Says how an execution ended, with all that the caller may want to know of it. */
export function reportExecution(
  { id: backend, isolation }: SandboxBackend,
  { executionId, code, files, limits: limitsApplied, timings }: ExecutionFacts,
  { place, ...outcome }: GuestOutcome,
): ExecutionResult {
  const provenance = provenanceOf({ code, files }, outcome.files, place)
  return { ...outcome, executionId, timings, backend, isolation, limitsApplied, provenance }
}
