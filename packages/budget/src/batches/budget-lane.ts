import { AsyncResource } from 'node:async_hooks'
import type { BudgetFlight } from './budget-flight.ts'
import { TenantQueue } from './tenant-queue.ts'

/**
 * What carries a batch to the ledger. It gives what tells the flights their answers, or has told them already; it never
 * throws.
 */
export type BatchCarrier = (flights: readonly BudgetFlight[]) => Promise<() => void>

/** More than this many at once may travel in two batches, so that one is under way while callers of the other go on. */
const MIN_HALF_LENGTH = 128

/** How a lane fills its batches. */
export interface BudgetLaneOptions {
  readonly maxBatchLength: number
  /** Whether a batch under way leaves this thread free for the callers of another. */
  readonly isElsewhere: boolean
}

/**
 * One batch at a time: while it is under way the next one gathers, and no timer holds it back. The start waits for
 * the end of the present turn of the event loop, so that callers who go on together travel together.
 */
export class BudgetLane {
  readonly #queue = new TenantQueue()
  readonly #carry: BatchCarrier
  readonly #options: BudgetLaneOptions
  readonly #start: () => void
  #isAwake = false

  constructor(options: BudgetLaneOptions, carry: BatchCarrier) {
    this.#carry = carry
    this.#options = options
    // A batch serves many callers: it must not run in the context, nor in the transaction, of the one who woke it.
    this.#start = AsyncResource.bind(() => void this.#drain())
  }

  add(flight: BudgetFlight): void {
    this.#queue.add(flight)
    if (this.#isAwake) return
    this.#isAwake = true
    setImmediate(this.#start)
  }

  async #drain(): Promise<void> {
    if (!this.#options.isElsewhere) return this.#drainHere()
    let batch = this.#takeHalf(0)
    let tell = await this.#carry(batch)
    while (!this.#queue.isEmpty) {
      // The next batch leaves first: the ledger works on it while the callers of this one go on.
      batch = this.#takeHalf(batch.length)
      const next = this.#carry(batch)
      await turnOfTheLoop()
      tell()
      tell = await next
    }
    this.#isAwake = false
    tell()
  }

  /** Nobody goes on while the ledger works: those told first come along, and all travel together. */
  async #drainHere(): Promise<void> {
    while (!this.#queue.isEmpty) {
      const tell = await this.#carry(this.#take(this.#options.maxBatchLength))
      tell()
      await turnOfTheLoop()
    }
    this.#isAwake = false
  }

  /** Half of all who keep the lane busy; those who are about to hear their answer will soon be back. */
  #takeHalf(answeredCount: number): readonly BudgetFlight[] {
    const half = Math.max(MIN_HALF_LENGTH, Math.ceil((this.#queue.length + answeredCount) / 2))
    return this.#take(Math.min(half, this.#options.maxBatchLength))
  }

  #take(count: number): readonly BudgetFlight[] {
    const flights = this.#queue.take(count)
    for (const flight of flights) flight.state = 'sent'
    return flights
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
