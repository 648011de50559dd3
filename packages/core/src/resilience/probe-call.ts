import type { Clock, ScheduledTimer } from '../time/index.ts'
import { TimeError } from '../time/index.ts'

/** What a probe is run with. */
export interface ProbeCallOptions {
  readonly clock: Clock
  /** Milliseconds without an answer or a chunk after which the probe is given up. */
  readonly timeoutMs: number
  /** The caller's own signal; ends the probe too. */
  readonly signal: AbortSignal | undefined
  /** The error that a probe given up ends with. */
  readonly timedOut: () => Error
}

/** A probe that runs: the one call that a breaker itself may end, and so has a signal of its own. */
export class ProbeCall {
  readonly #options: ProbeCallOptions
  readonly #controller = new AbortController()
  /** Those who hear once the probe is given up. */
  readonly #waiting = new Set<(error: Error) => void>()
  readonly #onAbort = (): void => this.#giveUp(TimeError.aborted(this.#options.signal?.reason))
  #timer: ScheduledTimer
  #error: Error | undefined

  constructor(options: ProbeCallOptions) {
    this.#options = options
    this.#timer = this.#schedule()
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Fires at the deadline or with the caller's own signal. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Settles as `step` does, unless the probe is given up before. */
  wait<T>(step: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) reject(this.#error)
      const stop = (error: Error): void => reject(error)
      this.#waiting.add(stop)
      const over = (): void => void this.#waiting.delete(stop)
      step.then(
        (value) => {
          over()
          resolve(value)
        },
        (error: unknown) => {
          over()
          reject(error)
        },
      )
    })
  }

  /** Calls `stop` once the probe is given up, whether or not anybody waits for a step of it; at once where it is. */
  whenGivenUp(stop: (error: Error) => void): void {
    if (this.#error === undefined) this.#waiting.add(stop)
    else stop(this.#error)
  }

  /** Starts the deadline anew, as the service gives signs of life. */
  extend(): void {
    this.#timer.cancel()
    if (this.#error === undefined) this.#timer = this.#schedule()
  }

  /** Ends the deadline. */
  end(): void {
    this.#timer.cancel()
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
  }

  #schedule(): ScheduledTimer {
    const { clock, timeoutMs, timedOut } = this.#options
    return clock.schedule(timeoutMs, () => this.#giveUp(timedOut()))
  }

  #giveUp(error: Error): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.end()
    for (const stop of this.#waiting) stop(error)
    this.#waiting.clear()
    this.#controller.abort(error)
  }
}
