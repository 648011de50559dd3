import type { ExecutionLimits } from '../execution-limits.ts'
import type { ExecutionRequest, SandboxFile, SandboxLanguage } from '../execution-request.ts'
import type { GuestOutcome, GuestStream } from '../execution-result.ts'
import type { IsolationLevel } from '../isolation.ts'

/** What a backend takes besides code. */
export interface AcceptedInputs {
  readonly files: boolean
  readonly stdin: boolean
  readonly argv: boolean
  /** Names of environment variables that a request may set. */
  readonly environmentNames: readonly string[]
}

/** What a backend is asked to run. Inputs are given only where the backend accepts them. */
export interface GuestProgram extends Pick<ExecutionRequest, 'stdin' | 'argv' | 'env'> {
  /** Files that lie in the work folder when it starts, by paths below that folder itself. Default: none. */
  readonly files?: readonly SandboxFile[] | undefined
  readonly language: SandboxLanguage
  readonly code: string
  /** Every limit, as {@link SandboxBackend.resolveLimits} gave them. */
  readonly limits: ExecutionLimits
}

/** Hears what a guest writes as it writes it, cut between characters, and never more than the limits take. */
export type OutputListener = (stream: GuestStream, text: string) => void

/** A sandbox held for one run. */
export interface SandboxLease {
  /**
   * Runs the program once. When `signal` fires the guest is ended and the status is `cancelled`, with the output up to
   * then. A guest that was stopped has ended for certain when this resolves; one that says it is done is ended, if it
   * lied, by {@link SandboxLease.release} at the latest.
   * @throws SandboxError `SANDBOX_INFRA` where the machinery, not the guest, failed.
   */
  run(program: GuestProgram, signal: AbortSignal, onOutput?: OutputListener): Promise<GuestOutcome>
  /** Gives the sandbox back. Nothing of the guest is left in it for the next. */
  release(): void
}

/** What a session is opened with; files and environment are there for all of its steps. */
export interface SessionOpening extends Pick<GuestProgram, 'language' | 'limits' | 'files' | 'env'> {
  /** Milliseconds after which it has been released for certain, whatever its steps do. */
  readonly lifetimeMs: number
}

/** One piece of code for a session. Its memory and stack limits are those of the opening; the others may differ by step. */
export type SessionStep = Pick<GuestProgram, 'code' | 'limits'>

/** A stateful interpreter held for one caller: each step finds what the steps before it have left. */
export interface SessionLease {
  /** False once a step was stopped, or the guest has ended: no further step is taken. */
  readonly isUsable: boolean
  /**
   * Runs one step, as {@link SandboxLease.run} does; steps are never run side by side. What stops a step ends the session;
   * one that fails by itself does not.
   * @throws SandboxError `SANDBOX_INFRA`; `SANDBOX_SESSION_ENDED` where no step is taken any more.
   */
  run(step: SessionStep, signal: AbortSignal, onOutput?: OutputListener): Promise<GuestOutcome>
  /** Ends the session. Harmless twice. */
  release(): void
}

/** What a backend has done since it was made, and what it keeps ready. */
export interface SandboxBackendStats {
  /** Sandboxes that were started ahead and wait. */
  readonly warm: number
  /** Leases and sessions given from what was started ahead. */
  readonly warmStarts: number
  /** Leases and sessions that had to be started when they were asked for. */
  readonly coldStarts: number
  /** Sandboxes of dead processes that were removed. Default: none. */
  readonly orphansReaped?: number
}

/** Somewhere to run untrusted code. */
export interface SandboxBackend {
  /** Name in results and metrics, for instance `quickjs`. */
  readonly id: string
  /** The isolation of every run, without exception. */
  readonly isolation: IsolationLevel
  readonly languages: readonly SandboxLanguage[]
  /** What it takes besides code. Default nothing. */
  readonly acceptedInputs?: AcceptedInputs
  /** Leases that may be held at one time, at least 1. */
  readonly maxConcurrent: number
  /** Read at any time by whoever measures. */
  readonly stats?: SandboxBackendStats
  /**
   * Fills in the defaults.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a limit that this backend cannot enforce as asked.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits
  /**
   * Makes ready what can be made ready ahead of the first run. Calling it is optional, and harmless twice.
   * @throws SandboxError `SANDBOX_INFRA` where the backend cannot work here; `SANDBOX_CLOSED` after `close`.
   */
  prepare(): Promise<void>
  /**
   * A sandbox for one run of this program.
   * @throws SandboxError `SANDBOX_INFRA` where none can be had, `SANDBOX_CLOSED` after `close`.
   */
  acquire(program: GuestProgram): Promise<SandboxLease>
  /** Languages that it offers sessions in. Default: none. */
  readonly sessionLanguages?: readonly SandboxLanguage[]
  /**
   * A session; it counts as a lease until it is released.
   * @throws SandboxError as {@link acquire} does.
   */
  openSession?(opening: SessionOpening): Promise<SessionLease>
  /** Ends every sandbox, those that run too. Harmless twice. */
  close(): Promise<void>
}
