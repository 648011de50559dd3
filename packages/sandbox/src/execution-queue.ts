import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import { estimateRetryAfterMs, nextMeanRunMs } from './queue-estimate.ts'
import { QueueFullError, SandboxError } from './sandbox-error.ts'

/** The bounds of an {@link ExecutionQueue}. */
export interface ExecutionQueueOptions {
  readonly maxConcurrency: number
  readonly maxQueueLength: number
  readonly maxQueueWaitMs: number
  readonly clock: Clock
}

interface Waiter {
  readonly admit: () => void
  readonly fail: (error: SandboxError) => void
}

/** Hands out turns, first come first served: so many at one time, so many waiting, none for too long. */
export class ExecutionQueue {
  readonly #options: ExecutionQueueOptions
  readonly #waiting = new Set<Waiter>()
  readonly #idleListeners = new Set<() => void>()
  #running = 0
  #meanRunMs: number | undefined

  constructor(options: ExecutionQueueOptions) {
    this.#options = options
  }

  /** Turns that are taken. */
  get runningCount(): number {
    return this.#running
  }

  /** Callers that wait. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  /**
   * Resolves to true once it is the caller's turn, which it gives back with {@link leave}; to false as soon as
   * `signal` fires while waiting.
   * @throws QueueFullError `QUEUE_FULL` at once; SandboxError `QUEUE_TIMEOUT` after the longest wait, or the
   * error given to {@link dismissWaiting}.
   */
  enter(signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false)
    if (this.#running < this.#options.maxConcurrency) {
      this.#running++
      return Promise.resolve(true)
    }
    if (this.#waiting.size >= this.#options.maxQueueLength) return Promise.reject(this.#fullError())
    return this.#wait(signal)
  }

  /** Gives a turn back after `runMs` milliseconds of work; the one who has waited longest gets it. */
  leave(runMs: number): void {
    this.#meanRunMs = nextMeanRunMs(this.#meanRunMs, runMs)
    const [next] = this.#waiting
    if (next === undefined) this.#running--
    else next.admit()
    this.#reportIdle()
  }

  /** Sends away all who wait. */
  dismissWaiting(error: SandboxError): void {
    for (const waiter of this.#waiting) waiter.fail(error)
  }

  /** Resolves once nobody runs or waits. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleListeners.add(resolve)
      this.#reportIdle()
    })
  }

  #wait(signal: AbortSignal | undefined): Promise<boolean> {
    const { clock, maxQueueWaitMs } = this.#options
    return new Promise((resolve, reject) => {
      let timer: ScheduledTimer | undefined
      const stopWaiting = (): void => {
        timer?.cancel()
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(waiter)
        this.#reportIdle()
      }
      const waiter: Waiter = {
        admit: () => {
          stopWaiting()
          resolve(true)
        },
        fail: (error) => {
          stopWaiting()
          reject(error)
        },
      }
      const onAbort = (): void => {
        stopWaiting()
        resolve(false)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      timer = clock.schedule(maxQueueWaitMs, () => waiter.fail(SandboxError.queueTimeout(maxQueueWaitMs)))
      this.#waiting.add(waiter)
    })
  }

  #fullError(): QueueFullError {
    const { maxConcurrency, maxQueueLength, maxQueueWaitMs } = this.#options
    const load = { meanRunMs: this.#meanRunMs, maxConcurrency, maxQueueWaitMs }
    return new QueueFullError(maxQueueLength, estimateRetryAfterMs(load))
  }

  #reportIdle(): void {
    if (this.#running > 0 || this.#waiting.size > 0) return
    for (const listener of this.#idleListeners) listener()
    this.#idleListeners.clear()
  }
}
