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
import { ContainerFleet } from './container-fleet.ts'
import { type DockerBackendOptions, resolveDockerBackendOptions } from './docker-backend-options.ts'
import { DOCKER_LIMITS } from './docker-limits.ts'
import type { GuestContainer } from './guest-container.ts'

/** What a {@link DockerBackend} is doing, and has done. */
export interface DockerBackendStats extends Required<SandboxBackendStats> {
  /** Containers that exist: waiting, running or being removed. */
  readonly containers: number
  /** Connections that programs were let make through the proxy, and those that they were not. */
  readonly egressAllowed: number
  readonly egressRefused: number
}

/**
 * Runs programs in containers of a Docker engine, in gVisor or, by explicit choice, with runc on the shared kernel. Each container
 * runs one program and is removed; some are kept started ahead. Containers of processes that died are removed, too.
 */
export class DockerBackend implements SandboxBackend {
  readonly id: string
  readonly isolation: IsolationLevel
  readonly languages: readonly SandboxLanguage[]
  readonly sessionLanguages: readonly SandboxLanguage[]
  readonly maxConcurrent: number
  readonly acceptedInputs: AcceptedInputs
  readonly #fleet: ContainerFleet
  readonly #sandboxes: ProgramSandboxes<GuestContainer>

  /** @throws InvalidOptionError `INVALID_OPTION` */
  constructor(options: DockerBackendOptions) {
    const resolved = resolveDockerBackendOptions(options)
    const { runtime, images, maxConcurrent, environmentNames } = resolved
    this.id = `docker-${runtime}`
    this.isolation = runtime === 'runsc' ? 'gvisor' : 'container'
    this.languages = [...images.keys()]
    this.sessionLanguages = this.languages
    this.maxConcurrent = maxConcurrent
    this.acceptedInputs = { files: true, stdin: true, argv: true, environmentNames }
    this.#fleet = new ContainerFleet(resolved, this.id)
    this.#sandboxes = new ProgramSandboxes({
      ...resolved,
      backend: this.id,
      fleet: this.#fleet,
      languages: images,
      limits: DOCKER_LIMITS,
      maxWarmUseMs: DOCKER_LIMITS.timeoutMs.max,
    })
  }

  /** Containers of this backend, and how its programs started. */
  get stats(): DockerBackendStats {
    const { count, egress } = this.#fleet
    return {
      ...this.#sandboxes.stats,
      containers: count,
      egressAllowed: egress.allowed,
      egressRefused: egress.refused,
    }
  }

  /**
   * Fills in the defaults of {@link DOCKER_LIMITS}.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a limit out of its range.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return this.#sandboxes.resolveLimits(requested)
  }

  /**
   * Removes orphans, checks that the runtime and the images are there and that a program in each really runs isolated
   * and without a network, and starts the warm containers. Done once, also by the first {@link acquire}.
   * @throws SandboxError `SANDBOX_INFRA`, `SANDBOX_CLOSED`; SandboxError `SANDBOX_ISOLATION_UNAVAILABLE` where
   * the engine lacks the runtime or a probe did not run in gVisor.
   */
  prepare(): Promise<void> {
    return this.#sandboxes.prepare()
  }

  /**
   * A container for this program: one that waits, or else a new one.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrent` are held; `SANDBOX_CLOSED`; what {@link prepare} throws.
   */
  acquire(program: GuestProgram): Promise<SandboxLease> {
    return this.#sandboxes.acquire(program)
  }

  /**
   * A container for the steps of a session: one that waits, where it may live long enough, or else a new one.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a language without sessions; what {@link acquire} throws.
   */
  openSession(opening: SessionOpening): Promise<SessionLease> {
    return this.#sandboxes.openSession(opening)
  }

  /** Kills and removes every container. What still runs fails with `SANDBOX_INFRA`. */
  close(): Promise<void> {
    return this.#sandboxes.close()
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
