import { TimeError } from '@golden-arch/core/time'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import { BudgetError } from '../budget-error.ts'
import type { BatchMeter } from './batch-meter.ts'
import type { BatchRunner } from './batch-runner.ts'
import type { BudgetFlight, Waiter } from './budget-flight.ts'
import { BudgetLane } from './budget-lane.ts'
import { type BudgetAnswer, type BudgetStep, isSameStep } from './budget-step.ts'

/** A step and where it goes. */
export interface StepOrder {
  /** Tenant and request id in one text. */
  readonly key: string
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
  /** Where the caller was put in the end. */
  place: Place | undefined
}

/** Where a caller is: on a flight, or behind it. */
type Place = KeyedFlight | Waiting

/** The flight of one reservation, and what asked for another step with it meanwhile. */
interface KeyedFlight {
  readonly flight: BudgetFlight
  /** Undefined: nobody. */
  next: Waiting[] | undefined
}

interface CallerCount {
  waiting: number
}

/**
 * Takes steps of single callers and lets them travel together. A reservation has one step under way: who asks the same
 * shares its answer, who asks something else waits for it. What waits is bounded.
 */
export class BudgetBatcher {
  readonly #options: ResolvedBudgetControllerOptions
  readonly #lanes: readonly BudgetLane[]
  readonly #flights = new Map<string, KeyedFlight>()
  readonly #callers: CallerCount = { waiting: 0 }
  #lastBatchMs = 1

  constructor(options: ResolvedBudgetControllerOptions, runner: BatchRunner, meter: BatchMeter) {
    this.#options = options
    const carry = async (flights: readonly BudgetFlight[]): Promise<() => void> => {
      const startedAtMs = options.clock.monotonicMs()
      meter.queue(this.#callers.waiting)
      const tell = await runner.carry(flights)
      this.#lastBatchMs = options.clock.monotonicMs() - startedAtMs
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
    if (this.#callers.waiting >= this.#options.maxQueueLength) return Promise.reject(this.#overloaded())
    return new Promise<BudgetAnswer>((resolve, reject) => {
      const caller = new Caller(this.#callers, resolve, reject)
      const place = this.#board(order, caller)
      if (signal === undefined) return
      caller.stopHearing = onAbort(signal, () => this.#takeBack(place, caller), caller)
    })
  }

  /** How many callers wait. */
  get queueLength(): number {
    return this.#callers.waiting
  }

  /** Puts a caller on a flight, or behind one. */
  #board(order: StepOrder, waiter: Waiter): Place {
    const present = this.#flights.get(order.key)
    if (present === undefined) return this.#depart(order, waiter)
    const { flight } = present
    if (present.next === undefined && isSameStep(flight.step, order.step)) {
      flight.waiters.push(waiter)
      return present
    }
    const waiting: Waiting = { order, waiter, isOver: false, place: undefined }
    if (present.next === undefined) present.next = [waiting]
    else present.next.push(waiting)
    return waiting
  }

  #depart(order: StepOrder, waiter: Waiter): KeyedFlight {
    const flight: BudgetFlight = {
      key: order.key,
      tenantId: order.tenantId,
      requestId: order.requestId,
      step: order.step,
      startedAtMs: this.#options.clock.monotonicMs(),
      waiters: [waiter],
      state: 'queued',
      onEnd: this.#land,
    }
    const keyed: KeyedFlight = { flight, next: undefined }
    this.#flights.set(order.key, keyed)
    this.#lanes[this.#laneOf(order)]?.add(flight)
    return keyed
  }

  /** The flight is over: the next step with the same reservation may go. */
  readonly #land = ({ key }: BudgetFlight): void => {
    const next = this.#flights.get(key)?.next
    this.#flights.delete(key)
    if (next === undefined) return
    for (const waiting of next) {
      if (!waiting.isOver) waiting.place = this.#board(waiting.order, waiting.waiter)
    }
  }

  #takeBack(place: Place, waiter: Waiter): void {
    if ('flight' in place) {
      this.#leave(place, waiter)
      return
    }
    place.isOver = true
    if (place.place !== undefined) this.#takeBack(place.place, waiter)
  }

  #leave({ flight }: KeyedFlight, waiter: Waiter): void {
    const index = flight.waiters.indexOf(waiter)
    if (index >= 0) flight.waiters.splice(index, 1)
    if (flight.waiters.length > 0 || flight.state !== 'queued') return
    flight.state = 'ended'
    flight.onEnd(flight)
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
    const batches = 1 + this.#callers.waiting / (this.#options.maxBatchLength * this.#lanes.length)
    return new BudgetError({
      code: 'BUDGET_OVERLOADED',
      message: 'too many calls wait for the ledger',
      retryable: true,
      details: {
        queueLength: this.#callers.waiting,
        retryAfterMs: Math.max(1, Math.ceil(batches * this.#lastBatchMs)),
      },
    })
  }
}

/** One who waits for an answer. */
class Caller implements Waiter {
  stopHearing: (() => void) | undefined
  readonly #callers: CallerCount
  readonly #resolve: (answer: BudgetAnswer) => void
  readonly #reject: (error: unknown) => void

  constructor(
    callers: CallerCount,
    resolve: (answer: BudgetAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#callers = callers
    this.#resolve = resolve
    this.#reject = reject
    callers.waiting++
  }

  resolve(answer: BudgetAnswer): void {
    this.#leave()
    this.#resolve(answer)
  }

  reject(error: unknown): void {
    this.#leave()
    this.#reject(error)
  }

  #leave(): void {
    this.stopHearing?.()
    this.#callers.waiting--
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
