import type { Clock } from '@golden-arch/core/time'

/** A wait that can be cut short; being woken while nobody waits makes the next wait return at once. */
export class Pause {
  readonly #clock: Clock
  #isWoken = false
  #end: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the wait that runs, or the next one. */
  wake(): void {
    this.#isWoken = true
    this.#end?.()
  }

  /** Resolves after `delayMs` milliseconds, when woken, or when the signal fires. */
  async wait(delayMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isWoken && !signal.aborted) {
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
    this.#isWoken = false
  }
}
