import type { Clock } from '@golden-arch/core/time'

/** Something that was started ahead for one program. */
export interface WarmGuest {
  /** Whether it still waits for a program. */
  readonly isUsable: boolean
}

/** How a {@link WarmPool} makes and ends its guests, and how many it keeps. */
export interface WarmPoolOptions<Guest extends WarmGuest> {
  readonly minCount: number
  readonly maxCount: number
  readonly maxAgeMs: number
  readonly clock: Clock
  readonly start: () => Promise<Guest>
  readonly discard: (guest: Guest) => void
  /** Told of a start that failed; it is tried again with the next demand or look. */
  readonly onStartFailure: (cause: unknown) => void
}

interface Waiting<Guest> {
  readonly guest: Guest
  readonly sinceMs: number
}

/** Guests started ahead, each for one program. Misses raise their number up to a bound, idleness lowers it again. */
export class WarmPool<Guest extends WarmGuest> {
  readonly #options: WarmPoolOptions<Guest>
  #waiting: Waiting<Guest>[] = []
  #targetCount: number
  #starting: Promise<void> | undefined
  #isClosed = false

  constructor(options: WarmPoolOptions<Guest>) {
    this.#options = options
    this.#targetCount = options.minCount
  }

  /** Guests that wait. */
  get count(): number {
    return this.#waiting.length
  }

  /** A guest that is ready, or undefined where none is. */
  take(): Guest | undefined {
    this.#dropSpent()
    const taken = this.#waiting.shift()?.guest
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

  /** Starts guests, one after the other, until there are enough. */
  refill(): Promise<void> {
    this.#starting ??= this.#fill().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Discards all. */
  close(): void {
    this.#isClosed = true
    for (const { guest } of this.#waiting.splice(0)) this.#options.discard(guest)
  }

  async #fill(): Promise<void> {
    const { start, discard, clock, onStartFailure } = this.#options
    while (!this.#isClosed && this.#waiting.length < this.#targetCount) {
      try {
        const guest = await start()
        if (this.#isClosed) discard(guest)
        else this.#waiting.push({ guest, sinceMs: clock.monotonicMs() })
      } catch (cause) {
        if (!this.#isClosed) onStartFailure(cause)
        return
      }
    }
  }

  #dropSpent(): void {
    const { clock, maxAgeMs, minCount, discard } = this.#options
    const bornAfterMs = clock.monotonicMs() - maxAgeMs
    const isFresh = ({ guest, sinceMs }: Waiting<Guest>): boolean => guest.isUsable && sinceMs > bornAfterMs
    const spent = this.#waiting.filter((each) => !isFresh(each))
    this.#waiting = this.#waiting.filter(isFresh)
    for (const { guest } of spent) {
      if (guest.isUsable) this.#targetCount = Math.max(minCount, this.#targetCount - 1)
      discard(guest)
    }
  }
}
