import type { Clock } from '../../time/index.ts'

/**
 * Gives numbers that order changes across processes and restarts: at least the wall clock's milliseconds, and above
 * every number given or seen before, so that a clock that is behind or set back gives no old ones.
 */
export class EpochClock {
  readonly #clock: Clock
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The greatest number given or seen. */
  get last(): number {
    return this.#last
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, this.#clock.now().getTime())
    return this.#last
  }

  see(epoch: number): void {
    this.#last = Math.max(this.#last, epoch)
  }
}
