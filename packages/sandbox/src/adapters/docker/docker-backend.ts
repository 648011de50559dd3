import type { ScheduledTimer } from '@golden-arch/core/time'
import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestOutcome, GuestPlace } from '../../execution-result.ts'
import type { IsolationLevel } from '../../isolation.ts'
import type {
  AcceptedInputs,
  GuestProgram,
  OutputListener,
  SandboxBackend,
  SandboxLease,
  SessionLease,
  SessionOpening,
} from '../../ports/sandbox-backend.ts'
import { programOutcome } from '../../program/program-outcome.ts'
import { runGuestProgram } from '../../program/run-guest-program.ts'
import { GuestSession } from '../../program/sessions/guest-session.ts'
import { resolveLimits } from '../../resolve-limits.ts'
import { IsolationUnavailableError, SandboxError } from '../../sandbox-error.ts'
import { WarmPool } from '../../warm-pool.ts'
import { ContainerFleet } from './container-fleet.ts'
import {
  type DockerBackendOptions,
  type ResolvedDockerBackendOptions,
  type ResolvedSandboxImage,
  resolveDockerBackendOptions,
} from './docker-backend-options.ts'
import { DOCKER_LIMITS } from './docker-limits.ts'
import { EngineCalls } from './engine-calls.ts'
import type { GuestContainer } from './guest-container.ts'
import { checkProbe, PROBES } from './probe-container.ts'

/** The longest use of a container that was started ahead, in milliseconds. */
const WARM_USE_MS = DOCKER_LIMITS.timeoutMs.max

/** A container in use. */
interface HeldContainer {
  readonly container: GuestContainer
  readonly isWarmStart: boolean
  readonly release: () => void
}

/** What a {@link DockerBackend} is doing, and has done. */
export interface DockerBackendStats {
  /** Containers that exist: waiting, running or being removed. */
  readonly containers: number
  /** Containers that wait for a program. */
  readonly warm: number
  readonly warmStarts: number
  readonly coldStarts: number
  readonly orphansReaped: number
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
  readonly maxConcurrency: number
  readonly acceptedInputs: AcceptedInputs
  readonly #options: ResolvedDockerBackendOptions
  readonly #engine: EngineCalls
  readonly #fleet: ContainerFleet
  readonly #imageIds = new Map<SandboxLanguage, string>()
  readonly #warm = new Map<SandboxLanguage, WarmPool<GuestContainer>>()
  #preparing: Promise<void> | undefined
  #reapTimer: ScheduledTimer | undefined
  #heldCount = 0
  #warmStarts = 0
  #coldStarts = 0
  #orphansReaped = 0
  #isClosed = false

  /** @throws InvalidOptionError `INVALID_OPTION` */
  constructor(options: DockerBackendOptions) {
    this.#options = resolveDockerBackendOptions(options)
    const { runtime, images, maxConcurrency, environmentNames, clock, engineTimeoutMs } = this.#options
    this.id = `docker-${runtime}`
    this.isolation = runtime === 'runsc' ? 'gvisor' : 'container'
    this.languages = [...images.keys()]
    this.maxConcurrency = maxConcurrency
    this.acceptedInputs = { files: true, stdin: true, argv: true, environmentNames }
    this.sessionLanguages = this.languages
    this.#engine = new EngineCalls(clock, engineTimeoutMs)
    this.#fleet = new ContainerFleet(this.#options, this.#engine, this.#imageIds)
  }

  /** Containers of this backend, and how its programs started. */
  get stats(): DockerBackendStats {
    return {
      containers: this.#fleet.count,
      egressAllowed: this.#fleet.egress.allowed,
      egressRefused: this.#fleet.egress.refused,
      warm: [...this.#warm.values()].reduce((sum, { count }) => sum + count, 0),
      warmStarts: this.#warmStarts,
      coldStarts: this.#coldStarts,
      orphansReaped: this.#orphansReaped,
    }
  }

  /**
   * Fills in the defaults of {@link DOCKER_LIMITS}.
   * @throws InvalidRequestError `INVALID_REQUEST` for a limit out of its range.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return resolveLimits(requested, DOCKER_LIMITS)
  }

  /**
   * Removes orphans, checks that the runtime and the images are there and that a program in each really runs isolated
   * and without a network, and starts the warm containers. Done once, also by the first {@link acquire}.
   * @throws SandboxError `SANDBOX_INFRA`, `SANDBOX_CLOSED`; IsolationUnavailableError `ISOLATION_UNAVAILABLE` where
   * the engine lacks the runtime or a probe did not run in gVisor.
   */
  async prepare(): Promise<void> {
    if (this.#isClosed) throw SandboxError.closed('the backend')
    this.#preparing ??= this.#prepare()
    try {
      await this.#preparing
    } catch (cause) {
      this.#preparing = undefined
      throw cause
    }
  }

  /**
   * A container for this program: one that waits, or else a new one.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrency` are held; `SANDBOX_CLOSED`; what {@link prepare} throws.
   */
  async acquire(program: GuestProgram): Promise<SandboxLease> {
    const held = await this.#hold(program)
    return {
      run: (given, signal, onOutput) => this.#run(held, given, signal, onOutput),
      release: held.release,
    }
  }

  /**
   * A container for the steps of a session: one that waits, where it may live long enough, or else a new one.
   * @throws InvalidRequestError `INVALID_REQUEST` for a language without sessions; what {@link acquire} throws.
   */
  async openSession(opening: SessionOpening): Promise<SessionLease> {
    const held = await this.#hold(opening, opening.lifetimeMs)
    const { rules, clock } = this.#options
    try {
      const session = new GuestSession(held.container, opening, { fileBounds: rules, clock })
      return {
        get isUsable() {
          return session.isUsable
        },
        run: async (step, signal, onOutput) => {
          const outcome = programOutcome(await session.run(step, signal, onOutput))
          return { ...outcome, place: this.#placeOf(opening.language, held) }
        },
        release: () => {
          session.end()
          held.release()
        },
      }
    } catch (cause) {
      held.release()
      throw cause
    }
  }

  /** Kills and removes every container. What still runs fails with `SANDBOX_INFRA`. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#reapTimer?.cancel()
    for (const warm of this.#warm.values()) warm.close()
    await Promise.allSettled([this.#preparing])
    await this.#fleet.close()
  }

  async #hold(
    { language, limits }: Pick<GuestProgram, 'language' | 'limits'>,
    lifeMs: number = WARM_USE_MS,
  ): Promise<HeldContainer> {
    await this.prepare()
    if (this.#heldCount >= this.maxConcurrency) throw SandboxError.infra('every sandbox is in use')
    this.#heldCount++
    try {
      await this.#fleet.whenFewerRemovals(this.maxConcurrency)
      if (this.#isClosed) throw SandboxError.closed('the backend')
      const isPlain = this.#isPlain(limits) && lifeMs <= WARM_USE_MS
      const ahead = isPlain ? this.#warm.get(language)?.take() : undefined
      const container = ahead ?? (await this.#fleet.start({ language, limits, lifeMs }))
      if (ahead === undefined) this.#coldStarts++
      else this.#warmStarts++
      let isReleased = false
      const release = (): void => {
        if (isReleased) return
        isReleased = true
        this.#heldCount--
        this.#fleet.remove(container)
      }
      return { container, isWarmStart: ahead !== undefined, release }
    } catch (cause) {
      this.#heldCount--
      throw cause
    }
  }

  async #run(
    held: HeldContainer,
    program: GuestProgram,
    signal: AbortSignal,
    onOutput?: OutputListener,
  ): Promise<GuestOutcome> {
    const { rules, clock } = this.#options
    const run = await runGuestProgram(held.container, program, { fileBounds: rules, clock, signal, onOutput })
    return { ...programOutcome(run), place: this.#placeOf(program.language, held) }
  }

  #placeOf(language: SandboxLanguage, { isWarmStart }: HeldContainer): GuestPlace {
    const { rules, runtime, egress } = this.#options
    const way = egress === undefined ? {} : { egress: egress.allowText }
    const imageId = this.#imageIds.get(language) ?? ''
    return { imageId, runtime, isWarmStart, rules: { ...rules, ...way } }
  }

  async #prepare(): Promise<void> {
    const { docker, runtime, images } = this.#options
    // The engine's answer, of which one member is read, and only its keys.
    const info = (await this.#engine.ask('tell about itself', () => docker.info())) as { Runtimes?: object }
    if (!Object.hasOwn(info.Runtimes ?? {}, runtime)) {
      throw runtime === 'runsc'
        ? new IsolationUnavailableError('gvisor', 'container', this.id)
        : SandboxError.infra(`the container engine has no runtime ${runtime}`)
    }
    await this.#reap()
    for (const [language, image] of images) {
      const { Id } = await this.#engine.ask(`find the image of ${language}`, () =>
        docker.getImage(image.image).inspect(),
      )
      this.#imageIds.set(language, Id)
      await this.#probe(language)
      if (!this.#warm.has(language)) this.#warm.set(language, this.#warmPool(language, image))
    }
    this.#scheduleReap()
    await Promise.all([...this.#warm.values()].map((warm) => warm.refill()))
  }

  async #probe(language: SandboxLanguage): Promise<void> {
    const limits = this.resolveLimits({ timeoutMs: 60_000 })
    const container = await this.#fleet.start({ language, limits, lifeMs: WARM_USE_MS })
    try {
      const program = { language, code: PROBES[language] ?? '', limits }
      const { rules, clock, runtime } = this.#options
      const signal = new AbortController().signal
      const run = await runGuestProgram(container, program, { fileBounds: rules, clock, signal })
      checkProbe(programOutcome(run), runtime, language, this.id)
    } finally {
      this.#fleet.remove(container)
    }
  }

  #warmPool(language: SandboxLanguage, { warm, maxWarm }: ResolvedSandboxImage): WarmPool<GuestContainer> {
    const { clock, warmMaxAgeMs, logger } = this.#options
    return new WarmPool({
      minCount: warm,
      maxCount: maxWarm,
      maxAgeMs: warmMaxAgeMs,
      clock,
      start: () =>
        this.#fleet.start({ language, limits: this.resolveLimits({}), lifeMs: warmMaxAgeMs + WARM_USE_MS }),
      discard: (container) => this.#fleet.remove(container),
      onStartFailure: (cause) =>
        logger.warn({ err: cause, backend: this.id }, 'a sandbox container did not start'),
    })
  }

  #isPlain({ memoryLimitBytes, stackLimitBytes }: ExecutionLimits): boolean {
    return (
      memoryLimitBytes === DOCKER_LIMITS.memoryLimitBytes.default &&
      stackLimitBytes === DOCKER_LIMITS.stackLimitBytes.default
    )
  }

  async #reap(): Promise<void> {
    this.#orphansReaped += await this.#fleet.reap()
  }

  #scheduleReap(): void {
    if (this.#isClosed) return
    this.#reapTimer?.cancel()
    this.#reapTimer = this.#options.clock.schedule(
      this.#options.reapIntervalMs,
      () => void this.#lookAround(),
    )
    this.#reapTimer.hold?.(false)
  }

  async #lookAround(): Promise<void> {
    for (const warm of this.#warm.values()) warm.look()
    try {
      await this.#reap()
    } catch (cause) {
      this.#options.logger.warn({ err: cause, backend: this.id }, 'the look for orphaned containers failed')
    }
    this.#scheduleReap()
  }
}
