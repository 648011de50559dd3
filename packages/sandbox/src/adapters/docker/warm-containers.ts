import type { Clock } from '@golden-arch/core/time'
import type { GuestContainer } from './guest-container.ts'

/** How a {@link WarmContainers} makes and ends containers, and how many it keeps. */
export interface WarmContainersOptions {
  readonly minCount: number
  readonly maxCount: number
  readonly maxAgeMs: number
  readonly clock: Clock
  readonly start: () => Promise<GuestContainer>
  readonly discard: (container: GuestContainer) => void
  /** Told of a start that failed; it is tried again with the next demand or look. */
  readonly onStartFailure: (cause: unknown) => void
}

interface Waiting {
  readonly container: GuestContainer
  readonly sinceMs: number
}

/** Containers started ahead, each for one program. Misses raise their number up to a bound, idleness lowers it again. */
export class WarmContainers {
  readonly #options: WarmContainersOptions
  #waiting: Waiting[] = []
  #targetCount: number
  #starting: Promise<void> | undefined
  #isClosed = false

  constructor(options: WarmContainersOptions) {
    this.#options = options
    this.#targetCount = options.minCount
  }

  /** Containers that wait. */
  get count(): number {
    return this.#waiting.length
  }

  /** A container that is ready, or undefined where none is. */
  take(): GuestContainer | undefined {
    this.#dropSpent()
    const taken = this.#waiting.shift()?.container
    if (taken === undefined && this.#options.maxCount > 0) {
      this.#targetCount = Math.min(this.#options.maxCount, this.#targetCount + 1)
    }
    void this.refill()
    return taken
  }

  /** Replaces what died or grew old; what grew old unused lowers the number again. */
  look(): void {
    this.#dropSpent()
    void this.refill()
  }

  /** Starts containers, one after the other, until there are enough. */
  refill(): Promise<void> {
    this.#starting ??= this.#fill().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Discards all. */
  close(): void {
    this.#isClosed = true
    for (const { container } of this.#waiting.splice(0)) this.#options.discard(container)
  }

  async #fill(): Promise<void> {
    const { start, discard, clock, onStartFailure } = this.#options
    while (!this.#isClosed && this.#waiting.length < this.#targetCount) {
      try {
        const container = await start()
        if (this.#isClosed) discard(container)
        else this.#waiting.push({ container, sinceMs: clock.monotonicMs() })
      } catch (cause) {
        if (!this.#isClosed) onStartFailure(cause)
        return
      }
    }
  }

  #dropSpent(): void {
    const { clock, maxAgeMs, minCount, discard } = this.#options
    const bornAfterMs = clock.monotonicMs() - maxAgeMs
    const isFresh = ({ container, sinceMs }: Waiting): boolean => container.isUsable && sinceMs > bornAfterMs
    const spent = this.#waiting.filter((each) => !isFresh(each))
    this.#waiting = this.#waiting.filter(isFresh)
    for (const { container } of spent) {
      if (container.isUsable) this.#targetCount = Math.max(minCount, this.#targetCount - 1)
      discard(container)
    }
  }
}
