import type { SandboxLanguage } from './execution-request.ts'
import type { ExecutionEvent, ExecutionResult } from './execution-result.ts'
import type { SessionEnd } from './sandbox-error.ts'
import type { SessionStepLimits } from './session-request.ts'

/** What a caller may add to one step of a session. */
export interface SessionStepOptions {
  /** Stops the step, and with it the session. Its status is then `cancelled`. One that has fired already stops nothing but the step. */
  readonly signal?: AbortSignal | undefined
  /** Limits of this step other than the session's. */
  readonly limits?: Partial<SessionStepLimits> | undefined
}

/**
 * A stateful interpreter: each step finds what the steps before it have left. It holds a turn of its executor from its opening to
 * its end. It ends when it is closed, when a step is stopped (by a limit or by its signal) or ends the interpreter, after its idle
 * time, after its lifetime, and with its executor.
 */
export interface SandboxSession extends AsyncDisposable {
  readonly sessionId: string
  readonly tenantId: string
  readonly language: SandboxLanguage
  /** Why it takes no more steps; undefined while it does. */
  readonly end: SessionEnd | undefined
  /**
   * Runs one step and resolves to how it ended. Its `executionId` is the session's id, a dash and the number of the step. A step
   * that fails by itself leaves the session open.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID`; SandboxError `SANDBOX_RATE_LIMITED`; SandboxError `SANDBOX_SESSION_BUSY` while another
   * step runs, `SANDBOX_INFRA`, which ends the session; SandboxError `SANDBOX_SESSION_ENDED`.
   */
  run(code: string, options?: SessionStepOptions): Promise<ExecutionResult>
  /**
   * Runs one step and tells what it writes as it writes it, then the result. It begins with the first step of the iteration; leaving
   * the loop early stops the step, and with it the session.
   * @throws what {@link run} throws, from the iteration.
   */
  stream(code: string, options?: SessionStepOptions): AsyncGenerator<ExecutionEvent, void, undefined>
  /** Ends the session; a step that runs is stopped, with the status `cancelled`. Resolves once its turn is given back. */
  close(): Promise<void>
}
