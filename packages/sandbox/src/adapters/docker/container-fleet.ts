import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import { InvalidRequestError } from '../../sandbox-error.ts'
import { containerOptions } from './container-options.ts'
import { newContainerOwner, ownerLabels } from './container-owner.ts'
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
  readonly #starting = new Set<Promise<unknown>>()
  readonly #removals = new Set<Promise<void>>()

  /** `imageIds` is read at each start. */
  constructor(
    options: ResolvedDockerBackendOptions,
    engine: EngineCalls,
    imageIds: ReadonlyMap<SandboxLanguage, string>,
  ) {
    this.#options = options
    this.#engine = engine
    this.#imageIds = imageIds
  }

  /** Containers that exist: waiting, running or being removed. */
  get count(): number {
    return this.#known.size
  }

  /**
   * Starts a container whose shim waits for a program.
   * @throws InvalidRequestError `INVALID_REQUEST` for a language without an image; SandboxError `SANDBOX_INFRA`
   */
  start(need: ContainerNeed): Promise<GuestContainer> {
    const starting = this.#start(need)
    this.#starting.add(starting)
    const forget = (): void => void this.#starting.delete(starting)
    starting.then(forget, forget)
    return starting
  }

  /** Kills and removes a container, in the background. Harmless twice. */
  remove(container: GuestContainer): void {
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

  /** Waits until fewer than `count` containers are being removed. */
  async whenFewerRemovals(count: number): Promise<void> {
    while (this.#removals.size >= count) await Promise.race(this.#removals)
  }

  /**
   * Removes the containers that nobody needs any more, whoever made them, and returns how many.
   * @throws SandboxError `SANDBOX_INFRA`
   */
  reap(): Promise<number> {
    const { docker, clock, engineTimeoutMs } = this.#options
    return reapOrphans({
      docker,
      engine: this.#engine,
      clock,
      self: this.#owner,
      graceMs: 2 * engineTimeoutMs,
      isKnown: (id) => this.#known.has(id),
    })
  }

  /** Lets starts come to their end, then removes every container and waits until they are gone. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#starting)
    for (const container of this.#live) this.remove(container)
    await Promise.allSettled(this.#removals)
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
}
