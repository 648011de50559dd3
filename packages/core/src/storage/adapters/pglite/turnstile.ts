import { requireInteger } from '../../../errors/index.ts'
import { type Clock, MAX_TIMER_MS, TimeError } from '../../../time/index.ts'
import { StorageError } from '../../storage-error.ts'

/** How long one may wait at a {@link Turnstile}, and how many. */
export interface TurnstileLimits {
  /** Milliseconds until a wait is given up, 1 to 2^31 - 1. */
  readonly waitTimeoutMs: number
  /** How many may wait at once, 1 to 1000000. */
  readonly maxQueueLength: number
  /** Where time comes from. */
  readonly clock: Clock
}

interface Waiter {
  admit(): void
  refuse(error: Error): void
}

/** Lets one through at a time, in the order of asking. */
export class Turnstile {
  readonly #limits: TurnstileLimits
  readonly #waiting = new Set<Waiter>()
  #isTaken = false
  #closedBecause: Error | undefined
  readonly #onIdle: (() => void)[] = []

  /** @throws InvalidOptionError `INVALID_OPTION` on a limit out of its range. */
  constructor(limits: TurnstileLimits) {
    this.#limits = {
      waitTimeoutMs: requireInteger('acquireTimeoutMs', limits.waitTimeoutMs, { min: 1, max: MAX_TIMER_MS }),
      maxQueueLength: requireInteger('maxQueueLength', limits.maxQueueLength, { min: 1, max: 1_000_000 }),
      clock: limits.clock,
    }
  }

  /**
   * Waits for its turn; the function it resolves with ends the turn.
   * @throws StorageError `DATABASE_UNAVAILABLE` after the time limit or when too many wait; TimeError `ABORTED` by the
   * signal; the reason of {@link close} once closed.
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    if (this.#closedBecause !== undefined) throw this.#closedBecause
    if (signal?.aborted) throw TimeError.aborted(signal.reason)
    if (this.#isTaken) await this.#wait(signal)
    this.#isTaken = true
    let isOver = false
    return () => {
      if (!isOver) this.#next()
      isOver = true
    }
  }

  /** Sends away those who wait and all who come later; resolves once whoever is through has finished. */
  async close(reason: Error): Promise<void> {
    this.#closedBecause ??= reason
    for (const waiter of [...this.#waiting]) waiter.refuse(reason)
    if (this.#isTaken) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
  }

  #next(): void {
    const [first] = this.#waiting
    if (first !== undefined) {
      first.admit()
      return
    }
    this.#isTaken = false
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    const { waitTimeoutMs, maxQueueLength, clock } = this.#limits
    if (this.#waiting.size >= maxQueueLength) {
      throw StorageError.of('DATABASE_UNAVAILABLE', `${maxQueueLength} already wait for the database`)
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter)
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        admit: () => {
          leave()
          resolve()
        },
        refuse: (error) => {
          leave()
          reject(error)
        },
      }
      const onAbort = (): void => waiter.refuse(TimeError.aborted(signal?.reason))
      const timer = clock.schedule(waitTimeoutMs, () =>
        waiter.refuse(StorageError.of('DATABASE_UNAVAILABLE', `no turn within ${waitTimeoutMs} ms`)),
      )
      this.#waiting.add(waiter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
