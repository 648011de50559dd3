import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import type { IsolationLevel } from '../../isolation.ts'
import type {
  AcceptedInputs,
  GuestProgram,
  SandboxBackend,
  SandboxBackendStats,
  SandboxLease,
  SessionLease,
  SessionOpening,
} from '../../ports/sandbox-backend.ts'
import { ProgramSandboxes } from '../../program/program-sandboxes.ts'
import {
  type BubblewrapBackendOptions,
  resolveBubblewrapBackendOptions,
} from './bubblewrap-backend-options.ts'
import { BUBBLEWRAP_LIMITS } from './bubblewrap-limits.ts'
import { GuestFleet } from './guest-fleet.ts'
import type { NamespaceGuest } from './namespace-guest.ts'

/** What a {@link BubblewrapBackend} is doing, and has done. */
export interface BubblewrapBackendStats extends Required<SandboxBackendStats> {
  /** Sandboxes that exist: waiting, running or being removed. */
  readonly sandboxes: number
}

/**
 * Runs programs in Linux namespaces of their own under a filter of system calls, by bubblewrap, with interpreters of the host.
 * It needs no engine and no root, and user namespaces that are not forbidden. The kernel is shared: hostile code wants gVisor.
 * Each sandbox runs one program or session and is ended; some are kept started ahead. All end with this process.
 */
export class BubblewrapBackend implements SandboxBackend {
  readonly id: string = 'bubblewrap'
  readonly isolation: IsolationLevel = 'namespace'
  readonly languages: readonly SandboxLanguage[]
  readonly sessionLanguages: readonly SandboxLanguage[]
  readonly maxConcurrent: number
  readonly acceptedInputs: AcceptedInputs
  readonly #fleet: GuestFleet
  readonly #sandboxes: ProgramSandboxes<NamespaceGuest>

  /** @throws InvalidOptionError `INVALID_OPTION` */
  constructor(options: BubblewrapBackendOptions) {
    const resolved = resolveBubblewrapBackendOptions(options)
    const { languages, maxConcurrent, environmentNames } = resolved
    this.languages = [...languages.keys()]
    this.sessionLanguages = this.languages
    this.maxConcurrent = maxConcurrent
    this.acceptedInputs = { files: true, stdin: true, argv: true, environmentNames }
    this.#fleet = new GuestFleet(resolved)
    this.#sandboxes = new ProgramSandboxes({
      ...resolved,
      backend: this.id,
      fleet: this.#fleet,
      limits: BUBBLEWRAP_LIMITS,
      maxWarmUseMs: Number.POSITIVE_INFINITY,
    })
  }

  /** Sandboxes of this backend, and how its programs started. */
  get stats(): BubblewrapBackendStats {
    return { ...this.#sandboxes.stats, sandboxes: this.#fleet.count }
  }

  /**
   * Fills in the defaults of {@link BUBBLEWRAP_LIMITS}.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a limit out of its range.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return this.#sandboxes.resolveLimits(requested)
  }

  /**
   * Looks for bubblewrap and control groups, removes orphans, checks that a program in each language really runs isolated, and
   * starts the warm sandboxes. Done once, also by the first {@link acquire}.
   * @throws SandboxError `SANDBOX_CLOSED`; `SANDBOX_INFRA` where this is no Linux, bubblewrap is not there or too old, user
   * namespaces are forbidden, control groups are required and may not be made, or a probe was not isolated as it must be.
   */
  prepare(): Promise<void> {
    return this.#sandboxes.prepare()
  }

  /**
   * A sandbox for this program: one that waits, or else a new one.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrent` are held; `SANDBOX_CLOSED`; what {@link prepare} throws.
   */
  acquire(program: GuestProgram): Promise<SandboxLease> {
    return this.#sandboxes.acquire(program)
  }

  /**
   * A sandbox for the steps of a session: one that waits, or else a new one.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a language without sessions; what {@link acquire} throws.
   */
  openSession(opening: SessionOpening): Promise<SessionLease> {
    return this.#sandboxes.openSession(opening)
  }

  /** Ends every sandbox. What still runs is told as ended. */
  close(): Promise<void> {
    return this.#sandboxes.close()
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
