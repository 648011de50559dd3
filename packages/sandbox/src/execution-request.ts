import type { ExecutionLimits } from './execution-limits.ts'
import type { IsolationLevel } from './isolation.ts'

/** Languages that a guest may be written in. */
export type SandboxLanguage = 'javascript'

/** One piece of untrusted code to run, and under which conditions. */
export interface ExecutionRequest {
  /** Names the execution: 1 to 64 letters, digits, `_` and `-`, the first a letter or digit. */
  readonly executionId: string
  /** On whose behalf it runs: 1 to 256 characters without control characters. */
  readonly tenantId: string
  readonly language: SandboxLanguage
  /** The program: 1 byte to 1 MiB in UTF-8. The value of its last statement is the result's value. */
  readonly code: string
  /** Limits other than the backend's defaults. */
  readonly limits?: Partial<ExecutionLimits>
  /** The weakest isolation to accept. Default: whatever the executor's backend gives. */
  readonly minimumIsolation?: IsolationLevel
}
