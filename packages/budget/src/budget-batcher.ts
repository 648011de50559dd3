import { TimeError } from '@golden-arch/core/time'
import type { BatchMeter } from './batch-meter.ts'
import type { BatchRunner } from './batch-runner.ts'
import type { ResolvedBudgetControllerOptions } from './budget-controller-options.ts'
import { BudgetError } from './budget-error.ts'
import { type BudgetFlight, reservationKey, type Waiter } from './budget-flight.ts'
import { BudgetLane } from './budget-lane.ts'
import { type BudgetAnswer, type BudgetStep, isSameStep } from './budget-step.ts'

/** A step and where it goes. */
export interface StepOrder {
  readonly tenantId: string
  readonly requestId: string
  /** The project of the reservation where it is known: with the tenant it says which lane. */
  readonly projectId: string | undefined
  readonly step: BudgetStep
}

/** What stands behind a flight with the same key until that one has landed. */
interface Waiting {
  readonly order: StepOrder
  readonly waiter: Waiter
  isOver: boolean
  /** Takes the caller off the flight that it was put on in the end. */
  takeBack: (() => void) | undefined
}

/** The flight of one reservation, and what asked for another step with it meanwhile. */
interface KeyedFlight {
  readonly flight: BudgetFlight
  next: Waiting[]
}

/**
 * Takes steps of single callers and lets them travel together. A reservation has one step under way: who asks the same
 * shares its answer, who asks something else waits for it. What waits is bounded.
 */
export class BudgetBatcher {
  readonly #options: ResolvedBudgetControllerOptions
  readonly #lanes: readonly BudgetLane[]
  readonly #flights = new Map<string, KeyedFlight>()
  #waitingCount = 0
  #lastBatchMs = 1

  constructor(options: ResolvedBudgetControllerOptions, runner: BatchRunner, meter: BatchMeter) {
    this.#options = options
    const carry = async (flights: readonly BudgetFlight[]): Promise<() => void> => {
      const startedAtMs = options.timing.monotonicMs()
      meter.queue(this.#waitingCount)
      const tell = await runner.carry(flights)
      this.#lastBatchMs = options.timing.monotonicMs() - startedAtMs
      return tell
    }
    const { database, laneCount, maxBatchLength } = options
    // A database with one session for all is one in this process: while it works, nothing else does.
    const isElsewhere = database.capabilities.maxConcurrentTransactions > 1
    this.#lanes = Array.from(
      { length: laneCount },
      () => new BudgetLane({ maxBatchLength, isElsewhere }, carry),
    )
  }

  /**
   * Sends a step and gives its answer. A caller that aborts while its step waits takes it back; once it was sent it
   * takes effect and only the answer is dropped.
   * @throws BudgetError `BUDGET_OVERLOADED` at once where too many wait; TimeError `ABORTED`, `DEADLINE_EXCEEDED`.
   */
  send(order: StepOrder, signal?: AbortSignal): Promise<BudgetAnswer> {
    if (signal?.aborted) return Promise.reject(TimeError.aborted(signal.reason))
    if (this.#waitingCount >= this.#options.maxQueueLength) return Promise.reject(this.#overloaded())
    this.#waitingCount++
    return new Promise<BudgetAnswer>((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (answer) => {
          stopHearing?.()
          this.#waitingCount--
          resolve(answer)
        },
        reject: (error) => {
          stopHearing?.()
          this.#waitingCount--
          reject(error)
        },
      }
      const takeBack = this.#board(order, waiter)
      const stopHearing = signal === undefined ? undefined : onAbort(signal, takeBack, waiter)
    })
  }

  /** How many callers wait. */
  get waitingCount(): number {
    return this.#waitingCount
  }

  /** Puts a caller on a flight; the function returned takes it off again. */
  #board(order: StepOrder, waiter: Waiter): () => void {
    const key = reservationKey(order.tenantId, order.requestId)
    const present = this.#flights.get(key)
    if (present === undefined) return this.#depart(key, order, waiter)
    const { flight } = present
    if (present.next.length === 0 && isSameStep(flight.step, order.step)) {
      flight.waiters.push(waiter)
      return () => this.#leave(present, waiter)
    }
    const waiting: Waiting = { order, waiter, isOver: false, takeBack: undefined }
    present.next.push(waiting)
    return () => {
      waiting.isOver = true
      waiting.takeBack?.()
    }
  }

  #depart(key: string, order: StepOrder, waiter: Waiter): () => void {
    const flight: BudgetFlight = {
      key,
      tenantId: order.tenantId,
      requestId: order.requestId,
      step: order.step,
      startedAtMs: this.#options.timing.monotonicMs(),
      waiters: [waiter],
      state: 'queued',
      onEnd: () => this.#land(key),
    }
    const keyed: KeyedFlight = { flight, next: [] }
    this.#flights.set(key, keyed)
    this.#lanes[this.#laneOf(order)]?.add(flight)
    return () => this.#leave(keyed, waiter)
  }

  /** The flight is over: the next step with the same reservation may go. */
  #land(key: string): void {
    const landed = this.#flights.get(key)
    this.#flights.delete(key)
    for (const waiting of landed?.next ?? []) {
      if (!waiting.isOver) waiting.takeBack = this.#board(waiting.order, waiting.waiter)
    }
  }

  #leave({ flight }: KeyedFlight, waiter: Waiter): void {
    const index = flight.waiters.indexOf(waiter)
    if (index >= 0) flight.waiters.splice(index, 1)
    if (flight.waiters.length > 0 || flight.state !== 'queued') return
    flight.state = 'ended'
    flight.onEnd()
  }

  /** A root budget is always in the same lane, so that two connections never wait for one another's locks on it. */
  #laneOf({ tenantId, projectId = '' }: StepOrder): number {
    let hash = 0
    for (const text of [tenantId, projectId]) {
      for (let index = 0; index < text.length; index++) hash = (hash * 31 + text.charCodeAt(index)) | 0
    }
    return Math.abs(hash) % this.#lanes.length
  }

  #overloaded(): BudgetError {
    const batches = 1 + this.#waitingCount / (this.#options.maxBatchLength * this.#lanes.length)
    return new BudgetError({
      code: 'BUDGET_OVERLOADED',
      message: 'too many calls wait for the ledger',
      retryable: true,
      details: {
        queueLength: this.#waitingCount,
        retryAfterMs: Math.max(1, Math.ceil(batches * this.#lastBatchMs)),
      },
    })
  }
}

function onAbort(signal: AbortSignal, takeBack: () => void, waiter: Waiter): () => void {
  const abort = (): void => {
    takeBack()
    waiter.reject(TimeError.aborted(signal.reason))
  }
  signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}
