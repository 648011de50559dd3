import type { ScheduledTimer } from '@golden-arch/core/time'
import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestOutcome } from '../../execution-result.ts'
import type { IsolationLevel } from '../../isolation.ts'
import type {
  AcceptedInputs,
  GuestProgram,
  OutputListener,
  SandboxBackend,
  SandboxLease,
} from '../../ports/sandbox-backend.ts'
import { programOutcome } from '../../program/program-outcome.ts'
import { runGuestProgram } from '../../program/run-guest-program.ts'
import { resolveLimits } from '../../resolve-limits.ts'
import { InvalidRequestError, IsolationUnavailableError, SandboxError } from '../../sandbox-error.ts'
import { WarmPool } from '../../warm-pool.ts'
import { containerOptions } from './container-options.ts'
import { newContainerOwner, ownerLabels } from './container-owner.ts'
import {
  type DockerBackendOptions,
  type ResolvedDockerBackendOptions,
  type ResolvedSandboxImage,
  resolveDockerBackendOptions,
} from './docker-backend-options.ts'
import { DOCKER_LIMITS } from './docker-limits.ts'
import { EngineCalls } from './engine-calls.ts'
import { GuestContainer } from './guest-container.ts'
import { reapOrphans } from './orphan-reaper.ts'
import { checkProbe, PROBES } from './probe-container.ts'

/** Time that a container may outlive its longest use, in milliseconds. */
const LIFE_MARGIN_MS = 60_000

/** What a {@link DockerBackend} is doing, and has done. */
export interface DockerBackendStats {
  /** Containers that exist: waiting, running or being removed. */
  readonly containers: number
  /** Containers that wait for a program. */
  readonly warm: number
  readonly warmStarts: number
  readonly coldStarts: number
  readonly orphansReaped: number
}

/**
 * Runs programs in containers of a Docker engine, in gVisor or, by explicit choice, with runc on the shared kernel. Each container
 * runs one program and is removed; some are kept started ahead. Containers of processes that died are removed, too.
 */
export class DockerBackend implements SandboxBackend {
  readonly id: string
  readonly isolation: IsolationLevel
  readonly languages: readonly SandboxLanguage[]
  readonly maxConcurrency: number
  readonly acceptedInputs: AcceptedInputs
  readonly #options: ResolvedDockerBackendOptions
  readonly #engine: EngineCalls
  readonly #owner = newContainerOwner()
  readonly #imageIds = new Map<SandboxLanguage, string>()
  readonly #warm = new Map<SandboxLanguage, WarmPool<GuestContainer>>()
  readonly #known = new Set<string>()
  readonly #live = new Set<GuestContainer>()
  readonly #starting = new Set<Promise<unknown>>()
  readonly #removals = new Set<Promise<void>>()
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
    this.#engine = new EngineCalls(clock, engineTimeoutMs)
  }

  /** Containers of this backend, and how its programs started. */
  get stats(): DockerBackendStats {
    return {
      containers: this.#known.size,
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
    await this.prepare()
    if (this.#heldCount >= this.maxConcurrency) throw SandboxError.infra('every sandbox is in use')
    this.#heldCount++
    try {
      while (this.#removals.size >= this.maxConcurrency) await Promise.race(this.#removals)
      if (this.#isClosed) throw SandboxError.closed('the backend')
      const ahead = this.#isPlain(program.limits) ? this.#warm.get(program.language)?.take() : undefined
      const container = ahead ?? (await this.#start(program.language, program.limits))
      if (ahead === undefined) this.#coldStarts++
      else this.#warmStarts++
      return this.#lease(container, ahead !== undefined)
    } catch (cause) {
      this.#heldCount--
      throw cause
    }
  }

  /** Kills and removes every container. What still runs fails with `SANDBOX_INFRA`. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#reapTimer?.cancel()
    for (const warm of this.#warm.values()) warm.close()
    await Promise.allSettled([this.#preparing, ...this.#starting])
    for (const container of this.#live) this.#remove(container)
    await Promise.allSettled(this.#removals)
  }

  #lease(container: GuestContainer, isWarmStart: boolean): SandboxLease {
    let isReleased = false
    return {
      run: (program, signal, onOutput) => this.#run({ container, isWarmStart }, program, signal, onOutput),
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#heldCount--
        this.#remove(container)
      },
    }
  }

  async #run(
    { container, isWarmStart }: { readonly container: GuestContainer; readonly isWarmStart: boolean },
    program: GuestProgram,
    signal: AbortSignal,
    onOutput?: OutputListener,
  ): Promise<GuestOutcome> {
    const { rules, clock, runtime } = this.#options
    const run = await runGuestProgram(container, program, { fileBounds: rules, clock, signal, onOutput })
    const outcome = programOutcome(run)
    const imageId = this.#imageIds.get(program.language) ?? ''
    return { ...outcome, place: { imageId, runtime, isWarmStart, rules: { ...rules } } }
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
    const container = await this.#start(language, limits)
    try {
      const program = { language, code: PROBES[language] ?? '', limits }
      const { rules, clock, runtime } = this.#options
      const signal = new AbortController().signal
      const run = await runGuestProgram(container, program, { fileBounds: rules, clock, signal })
      checkProbe(programOutcome(run), runtime, language, this.id)
    } finally {
      this.#remove(container)
    }
  }

  #warmPool(language: SandboxLanguage, { warm, maxWarm }: ResolvedSandboxImage): WarmPool<GuestContainer> {
    const { clock, warmMaxAgeMs, logger } = this.#options
    return new WarmPool({
      minCount: warm,
      maxCount: maxWarm,
      maxAgeMs: warmMaxAgeMs,
      clock,
      start: () => this.#start(language, this.resolveLimits({})),
      discard: (container) => this.#remove(container),
      onStartFailure: (cause) =>
        logger.warn({ err: cause, backend: this.id }, 'a sandbox container did not start'),
    })
  }

  #start(language: SandboxLanguage, limits: ExecutionLimits): Promise<GuestContainer> {
    const starting = this.#startContainer(language, limits)
    this.#starting.add(starting)
    const forget = (): void => void this.#starting.delete(starting)
    starting.then(forget, forget)
    return starting
  }

  async #startContainer(language: SandboxLanguage, limits: ExecutionLimits): Promise<GuestContainer> {
    const { docker, images, runtime, rules, clock, warmMaxAgeMs } = this.#options
    const image = images.get(language)
    if (image === undefined) throw new InvalidRequestError('language', `one of ${this.languages.join(', ')}`)
    const lifeMs = warmMaxAgeMs + DOCKER_LIMITS.timeoutMs.max + LIFE_MARGIN_MS
    const { memoryLimitBytes, stackLimitBytes } = limits
    const labels = ownerLabels(this.#owner, clock.now().getTime(), lifeMs)
    const pinned = { ...image, image: this.#imageIds.get(language) ?? image.image }
    const purpose = { language, image: pinned, runtime, rules, memoryLimitBytes, stackLimitBytes, labels }
    let id = ''
    try {
      const container = await GuestContainer.start(
        docker,
        this.#engine,
        containerOptions(purpose),
        (created) => {
          id = created
          this.#known.add(created)
        },
      )
      this.#live.add(container)
      return container
    } catch (cause) {
      // If it is still there after all, the reaper removes it as one that nobody knows.
      this.#known.delete(id)
      throw cause
    }
  }

  #remove(container: GuestContainer): void {
    if (!this.#live.delete(container)) return
    const removal = container
      .remove()
      .catch((cause: unknown) => {
        this.#options.logger.warn(
          { err: cause, container: container.id },
          'a sandbox container was not removed',
        )
      })
      .finally(() => {
        this.#known.delete(container.id)
        this.#removals.delete(removal)
      })
    this.#removals.add(removal)
  }

  #isPlain({ memoryLimitBytes, stackLimitBytes }: ExecutionLimits): boolean {
    return (
      memoryLimitBytes === DOCKER_LIMITS.memoryLimitBytes.default &&
      stackLimitBytes === DOCKER_LIMITS.stackLimitBytes.default
    )
  }

  async #reap(): Promise<void> {
    const { docker, clock, engineTimeoutMs } = this.#options
    this.#orphansReaped += await reapOrphans({
      docker,
      engine: this.#engine,
      clock,
      self: this.#owner,
      graceMs: 2 * engineTimeoutMs,
      isKnown: (id) => this.#known.has(id),
    })
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
