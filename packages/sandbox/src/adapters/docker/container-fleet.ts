import { type Counter, METRICS } from '@golden-arch/core/observability'
import { EgressGate } from '../../egress/egress-gate.ts'
import type { EgressAttempt } from '../../egress/egress-proxy.ts'
import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import { InvalidRequestError } from '../../sandbox-error.ts'
import { containerOptions } from './container-options.ts'
import { newContainerOwner, ownerLabels } from './container-owner.ts'
import { startContainerRelay } from './container-relay.ts'
import type { ResolvedDockerBackendOptions } from './docker-backend-options.ts'
import type { EngineCalls } from './engine-calls.ts'
import { GuestContainer } from './guest-container.ts'
import { reapOrphans } from './orphan-reaper.ts'

/** Time that a container may outlive its longest use, in milliseconds. */
const LIFE_MARGIN_MS = 60_000

/** What a new container is for. */
export interface ContainerNeed {
  readonly language: SandboxLanguage
  readonly limits: ExecutionLimits
  /** The longest that it can be of use, in milliseconds. */
  readonly lifeMs: number
}

/** All containers of one backend, from their making to their certain end. */
export class ContainerFleet {
  readonly #options: ResolvedDockerBackendOptions
  readonly #engine: EngineCalls
  readonly #imageIds: ReadonlyMap<SandboxLanguage, string>
  readonly #owner = newContainerOwner()
  readonly #known = new Set<string>()
  readonly #live = new Set<GuestContainer>()
  readonly #gates = new Map<GuestContainer, EgressGate>()
  readonly #starting = new Set<Promise<unknown>>()
  readonly #removals = new Set<Promise<void>>()
  readonly #egressCounter: Counter
  #egressAllowed = 0
  #egressRefused = 0

  /** `imageIds` is read at each start. */
  constructor(
    options: ResolvedDockerBackendOptions,
    engine: EngineCalls,
    imageIds: ReadonlyMap<SandboxLanguage, string>,
  ) {
    this.#options = options
    this.#egressCounter = options.metrics.counter(METRICS.sandboxEgressConnections)
    this.#engine = engine
    this.#imageIds = imageIds
  }

  /** Containers that exist: waiting, running or being removed. */
  get count(): number {
    return this.#known.size
  }

  /** Connections that programs were let make, and those that they were not. */
  get egress(): { readonly allowed: number; readonly refused: number } {
    return { allowed: this.#egressAllowed, refused: this.#egressRefused }
  }

  /**
   * Starts a container whose shim waits for a program.
   * @throws InvalidRequestError `INVALID_REQUEST` for a language without an image; SandboxError `SANDBOX_INFRA`
   */
  start(need: ContainerNeed): Promise<GuestContainer> {
    const starting = this.#startWithGate(need)
    this.#starting.add(starting)
    const forget = (): void => void this.#starting.delete(starting)
    starting.then(forget, forget)
    return starting
  }

  /** Kills and removes a container, in the background. Harmless twice. */
  remove(container: GuestContainer): void {
    if (!this.#live.delete(container)) return
    this.#gates.get(container)?.close()
    this.#gates.delete(container)
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

  /** Waits until fewer than `count` containers are being removed. */
  async whenFewerRemovals(count: number): Promise<void> {
    while (this.#removals.size >= count) await Promise.race(this.#removals)
  }

  /**
   * Removes the containers that nobody needs any more, whoever made them, and returns how many.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  reap(): Promise<number> {
    return this.#reap(2 * this.#options.engineTimeoutMs)
  }

  #reap(graceMs: number): Promise<number> {
    const { docker, clock } = this.#options
    return reapOrphans({
      docker,
      engine: this.#engine,
      clock,
      self: this.#owner,
      graceMs,
      isKnown: (id) => this.#known.has(id),
    })
  }

  /** Lets starts come to their end, then removes every container, waits until they are gone, and looks for what was missed. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#starting)
    for (const container of this.#live) this.remove(container)
    await Promise.allSettled(this.#removals)
    this.#known.clear()
    try {
      await this.#reap(-1)
    } catch (cause) {
      this.#options.logger.warn({ err: cause }, 'sandbox containers may be left')
    }
  }

  async #startWithGate(need: ContainerNeed): Promise<GuestContainer> {
    const container = await this.#start(need)
    try {
      await this.#openGate(container, need.language)
      return container
    } catch (cause) {
      this.remove(container)
      throw cause
    }
  }

  async #openGate(container: GuestContainer, language: SandboxLanguage): Promise<void> {
    const { docker, egress, clock, logger, images, runtime } = this.#options
    if (egress === undefined) return
    const interpreter = images.get(language)?.interpreter ?? ''
    const relay = { language, interpreter }
    const onAttempt = ({ refusal }: EgressAttempt): void => {
      if (refusal === undefined) this.#egressAllowed++
      else this.#egressRefused++
      const decision = refusal === undefined ? 'allowed' : 'refused'
      this.#egressCounter.increment({ backend: `docker-${runtime}`, decision })
    }
    const common = { egress, clock, logger, sandbox: container.id, onAttempt }
    const within = docker.getContainer(container.id)
    const gate = await startContainerRelay(
      within,
      this.#engine,
      relay,
      (way) => new EgressGate({ ...common, ...way }),
    )
    if (this.#live.has(container)) this.#gates.set(container, gate)
    else gate.close()
  }

  async #start({ language, limits, lifeMs }: ContainerNeed): Promise<GuestContainer> {
    const { docker, images, runtime, rules, clock } = this.#options
    const image = images.get(language)
    if (image === undefined) {
      throw new InvalidRequestError('language', `one of ${[...images.keys()].join(', ')}`)
    }
    const { memoryLimitBytes, stackLimitBytes } = limits
    const labels = ownerLabels(this.#owner, clock.now().getTime(), lifeMs + LIFE_MARGIN_MS)
    const pinned = { ...image, image: this.#imageIds.get(language) ?? image.image }
    const hasEgress = this.#options.egress !== undefined
    const own = { memoryLimitBytes, stackLimitBytes, hasEgress, labels }
    const purpose = { language, image: pinned, runtime, rules, ...own }
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
}
