import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import { type LineMember, PriorityLine } from './priority-line.ts'
import { estimateRetryAfterMs, nextMeanRunMs } from './queue-estimate.ts'
import { SandboxError } from './sandbox-error.ts'

/** The bounds of an {@link ExecutionQueue}. */
export interface ExecutionQueueOptions {
  readonly maxConcurrent: number
  readonly maxQueueLength: number
  readonly maxQueueWaitMs: number
  readonly clock: Clock
  /** Told how many wait, whenever that changes. */
  readonly onLengthChange?: (length: number) => void
}

interface Waiter extends LineMember {
  /** For one who was taken out of the line. */
  readonly admit: () => void
  /** Takes it out of the line, too. */
  readonly fail: (error: SandboxError) => void
}

/**
 * Hands out turns: so many at one time, so many waiting, none for too long, in the order of a {@link PriorityLine}. In a full queue a
 * tenant makes room for another that has two less waiting.
 */
export class ExecutionQueue {
  readonly #options: ExecutionQueueOptions
  readonly #waiting = new PriorityLine<Waiter>()
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
    return this.#waiting.length
  }

  /**
   * Resolves to true once it is the caller's turn, which it gives back with {@link leave}; to false as soon as
   * `signal` fires while waiting.
   * @throws SandboxError `SANDBOX_QUEUE_FULL`, at once or as soon as another tenant needs the room; SandboxError `SANDBOX_QUEUE_TIMEOUT` after the
   * longest wait, or the error given to {@link dismissWaiting}.
   */
  enter(member: LineMember, signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false)
    if (this.#running < this.#options.maxConcurrent) {
      this.#running++
      return Promise.resolve(true)
    }
    if (this.#waiting.length >= this.#options.maxQueueLength) {
      const crowdedOut = this.#waiting.crowdingOut(member.tenantId)
      if (crowdedOut === undefined) return Promise.reject(this.#fullError())
      crowdedOut.fail(this.#fullError())
    }
    return this.#wait(member, signal)
  }

  /** Gives a turn back after `runMs` milliseconds of work; the next in line gets it. */
  leave(runMs: number): void {
    this.#meanRunMs = nextMeanRunMs(this.#meanRunMs, runMs)
    const next = this.#waiting.take()
    if (next === undefined) this.#running--
    else next.admit()
    this.#reportIdle()
  }

  /** Sends away all who wait. */
  dismissWaiting(error: SandboxError): void {
    for (const waiter of [...this.#waiting]) waiter.fail(error)
  }

  /** Resolves once nobody runs or waits. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleListeners.add(resolve)
      this.#reportIdle()
    })
  }

  #wait({ tenantId, role, priority }: LineMember, signal: AbortSignal | undefined): Promise<boolean> {
    const { clock, maxQueueWaitMs, onLengthChange } = this.#options
    return new Promise((resolve, reject) => {
      let timer: ScheduledTimer | undefined
      const stopWaiting = (): void => {
        timer?.cancel()
        signal?.removeEventListener('abort', onAbort)
        onLengthChange?.(this.#waiting.length)
        this.#reportIdle()
      }
      const waiter: Waiter = {
        tenantId,
        role,
        priority,
        admit: () => {
          stopWaiting()
          resolve(true)
        },
        fail: (error) => {
          this.#waiting.remove(waiter)
          stopWaiting()
          reject(error)
        },
      }
      const onAbort = (): void => {
        this.#waiting.remove(waiter)
        stopWaiting()
        resolve(false)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      timer = clock.schedule(maxQueueWaitMs, () => waiter.fail(SandboxError.queueTimeout(maxQueueWaitMs)))
      this.#waiting.add(waiter)
      onLengthChange?.(this.#waiting.length)
    })
  }

  #fullError(): SandboxError {
    const { maxConcurrent, maxQueueLength, maxQueueWaitMs } = this.#options
    const load = { meanRunMs: this.#meanRunMs, maxConcurrent, maxQueueWaitMs }
    return SandboxError.queueFull(maxQueueLength, estimateRetryAfterMs(load))
  }

  #reportIdle(): void {
    if (this.#running > 0 || this.#waiting.length > 0) return
    for (const listener of this.#idleListeners) listener()
    this.#idleListeners.clear()
  }
}
