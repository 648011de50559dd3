import type { ExecutionLimits } from '../execution-limits.ts'
import type { GuestOutcome } from '../execution-result.ts'
import type { SandboxBackend } from '../ports/sandbox-backend.ts'

/** Runs one program on a backend, without an executor in between. */
export async function runProgram(
  backend: SandboxBackend,
  code: string,
  limits: Partial<ExecutionLimits> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<GuestOutcome> {
  const lease = await backend.acquire()
  try {
    return await lease.run({ language: 'javascript', code, limits: backend.resolveLimits(limits) }, signal)
  } finally {
    lease.release()
  }
}
