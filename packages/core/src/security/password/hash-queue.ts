import { TimeError } from '../../time/index.ts'
import { SecurityError } from '../security-error.ts'

interface Waiting {
  readonly start: () => void
}

/** Lets a few hashes run at a time and a bounded number wait, first come first served. */
export class HashQueue {
  readonly #maxRunning: number
  readonly #maxWaiting: number
  readonly #waiting: Waiting[] = []
  #running = 0

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning
    this.#maxWaiting = maxWaiting
  }

  /**
   * Runs `work` when its turn has come. Work that runs cannot be called off.
   * @throws SecurityError `PASSWORD_BUSY` (retryable) at once when too many wait; TimeError `ABORTED` when the signal
   * fires before the turn has come.
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) throw TimeError.aborted(signal.reason)
    if (this.#running >= this.#maxRunning) await this.#turn(signal)
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The place goes to the next in line, so none who comes meanwhile can take it.
      if (next === undefined) this.#running--
      else next.start()
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) {
      const message = `${this.#maxWaiting} password checks wait already`
      throw new SecurityError({ code: 'PASSWORD_BUSY', message, retryable: true })
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(TimeError.aborted(signal?.reason))
      }
      const entry: Waiting = {
        start: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      this.#waiting.push(entry)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
