import { type Counter, METRICS } from '@golden-arch/core/observability'
import { EgressGate } from '../../egress/egress-gate.ts'
import type { EgressAttempt } from '../../egress/egress-proxy.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestPlace } from '../../execution-result.ts'
import { LiveGuests } from '../../program/live-guests.ts'
import type { SandboxFleet, SandboxNeed } from '../../program/sandbox-fleet.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { containerOptions } from './container-options.ts'
import { newContainerOwner, ownerLabels } from './container-owner.ts'
import { startContainerRelay } from './container-relay.ts'
import type { ResolvedDockerBackendOptions } from './docker-backend-options.ts'
import { EngineCalls } from './engine-calls.ts'
import { GuestContainer } from './guest-container.ts'
import { reapOrphans } from './orphan-reaper.ts'
import { checkProbe, PROBES } from './probe-container.ts'

/** Time that a container may outlive its longest use, in milliseconds. */
const LIFE_MARGIN_MS = 60_000

/** All containers of one backend, from their making to their certain end. */
export class ContainerFleet implements SandboxFleet<GuestContainer> {
  readonly probes: typeof PROBES = PROBES
  readonly #options: ResolvedDockerBackendOptions
  readonly #backend: string
  readonly #engine: EngineCalls
  readonly #imageIds = new Map<SandboxLanguage, string>()
  readonly #owner = newContainerOwner()
  readonly #known = new Set<string>()
  readonly #live: LiveGuests<GuestContainer>
  readonly #gates = new Map<GuestContainer, EgressGate>()
  readonly #egressCounter: Counter
  #egressAllowed = 0
  #egressRefused = 0

  constructor(options: ResolvedDockerBackendOptions, backend: string) {
    const { clock, startTimeoutMs, metrics, logger } = options
    this.#options = options
    this.#backend = backend
    this.#engine = new EngineCalls(clock, startTimeoutMs)
    this.#egressCounter = metrics.counter(METRICS.sandboxEgressConnections)
    this.#live = new LiveGuests((cause, { id }) =>
      logger.warn({ err: cause, container: id }, 'a sandbox container was not removed'),
    )
  }

  /** Containers that exist: waiting, running or being removed. */
  get count(): number {
    return this.#known.size
  }

  /** Connections that programs were let make, and those that they were not. */
  get egress(): { readonly allowed: number; readonly refused: number } {
    return { allowed: this.#egressAllowed, refused: this.#egressRefused }
  }

  async prepare(): Promise<void> {
    const { docker, runtime, images } = this.#options
    // The engine's answer, of which one member is read, and only its keys.
    const info = (await this.#engine.ask('tell about itself', () => docker.info())) as { Runtimes?: object }
    if (!Object.hasOwn(info.Runtimes ?? {}, runtime)) {
      throw runtime === 'runsc'
        ? SandboxError.isolationUnavailable('gvisor', 'container', this.#backend)
        : SandboxError.infra(`the container engine has no runtime ${runtime}`)
    }
    for (const [language, { image }] of images) {
      const found = await this.#engine.ask(`find the image of ${language}`, () =>
        docker.getImage(image).inspect(),
      )
      this.#imageIds.set(language, found.Id)
    }
  }

  checkProbe(outcome: Parameters<typeof checkProbe>[0], language: SandboxLanguage): void {
    checkProbe(outcome, this.#options.runtime, language, this.#backend)
  }

  start(need: SandboxNeed): Promise<GuestContainer> {
    return this.#live.follow(this.#startWithGate(need))
  }

  remove(container: GuestContainer): void {
    if (!this.#live.has(container)) return
    this.#gates.get(container)?.close()
    this.#gates.delete(container)
    this.#live.remove(container, () => this.#known.delete(container.id))
  }

  whenFewerRemovals(count: number): Promise<void> {
    return this.#live.whenFewerRemovals(count)
  }

  placeOf(language: SandboxLanguage): Omit<GuestPlace, 'isWarmStart'> {
    const { rules, runtime, egress } = this.#options
    const way = egress === undefined ? {} : { egress: egress.allowText }
    return { imageId: this.#imageIds.get(language) ?? '', runtime, rules: { ...rules, ...way } }
  }

  reap(): Promise<number> {
    return this.#reap(2 * this.#options.startTimeoutMs)
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

  /** As the port has it, and looks for what was missed. */
  async close(): Promise<void> {
    await this.#live.close((container) => this.remove(container))
    this.#known.clear()
    try {
      await this.#reap(-1)
    } catch (cause) {
      this.#options.logger.warn({ err: cause }, 'sandbox containers may be left')
    }
  }

  async #startWithGate(need: SandboxNeed): Promise<GuestContainer> {
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
    const { docker, egress, clock, logger, images } = this.#options
    if (egress === undefined) return
    const interpreter = images.get(language)?.interpreter ?? ''
    const relay = { language, interpreter }
    const onAttempt = ({ refusal }: EgressAttempt): void => {
      if (refusal === undefined) this.#egressAllowed++
      else this.#egressRefused++
      const decision = refusal === undefined ? 'allowed' : 'refused'
      this.#egressCounter.increment({ backend: this.#backend, decision })
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

  async #start({ language, limits, lifeMs }: SandboxNeed): Promise<GuestContainer> {
    const { docker, images, runtime, rules, clock } = this.#options
    const image = images.get(language)
    if (image === undefined) {
      throw SandboxError.requestInvalid('language', `one of ${[...images.keys()].join(', ')}`)
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
