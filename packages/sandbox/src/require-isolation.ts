import { type IsolationLevel, satisfiesIsolation } from './isolation.ts'
import type { SandboxBackend } from './ports/sandbox-backend.ts'
import { SandboxError } from './sandbox-error.ts'

/** @throws SandboxError `SANDBOX_ISOLATION_UNAVAILABLE` where the backend is weaker than what is required. */
export function requireIsolation(
  { id, isolation }: Pick<SandboxBackend, 'id' | 'isolation'>,
  required: IsolationLevel | undefined,
): void {
  if (required !== undefined && !satisfiesIsolation(isolation, required)) {
    throw SandboxError.isolationUnavailable(required, isolation, id)
  }
}
