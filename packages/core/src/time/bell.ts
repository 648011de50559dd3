import type { Clock } from './clock.ts'

/** A wait that can be ended from outside; a ring while nobody waits ends the next wait at once. */
export class Bell {
  readonly #clock: Clock
  #isRung = false
  #end: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the wait that runs, or the next one. */
  ring(): void {
    this.#isRung = true
    this.#end?.()
  }

  /** Resolves after `delayMs` milliseconds, when rung, or when the signal fires; whether it was rung. */
  async wait(delayMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isRung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          timer.cancel()
          signal.removeEventListener('abort', end)
          this.#end = undefined
          resolve()
        }
        const timer = this.#clock.schedule(delayMs, end)
        signal.addEventListener('abort', end, { once: true })
        this.#end = end
      })
    }
    const wasRung = this.#isRung
    this.#isRung = false
    return wasRung
  }
}
