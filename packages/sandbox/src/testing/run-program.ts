import type { ExecutionLimits } from '../execution-limits.ts'
import type { GuestOutcome } from '../execution-result.ts'
import type { GuestProgram, OutputListener, SandboxBackend } from '../ports/sandbox-backend.ts'

/** So much that a program is never out of time for want of a processor. */
const PATIENT = { timeoutMs: 60_000 }

/** Runs one program on a backend, without an executor in between; with a minute of time where the limits say nothing else. */
export async function runProgram(
  backend: SandboxBackend,
  code: string,
  limits: Partial<ExecutionLimits> = {},
  signal: AbortSignal = new AbortController().signal,
  more: Partial<GuestProgram> = {},
  onOutput?: OutputListener,
): Promise<GuestOutcome> {
  const program: GuestProgram = {
    language: 'javascript',
    code,
    ...more,
    limits: backend.resolveLimits({ ...PATIENT, ...limits }),
  }
  const lease = await backend.acquire(program)
  try {
    return await lease.run(program, signal, onOutput)
  } finally {
    lease.release()
  }
}
