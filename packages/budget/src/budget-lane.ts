import { AsyncResource } from 'node:async_hooks'
import type { BudgetFlight } from './budget-flight.ts'
import { TenantQueue } from './tenant-queue.ts'

/**
 * What carries a batch to the ledger. It gives what tells the flights their answers, or has told them already; it never
 * throws.
 */
export type BatchCarrier = (flights: readonly BudgetFlight[]) => Promise<() => void>

/** More than this many at once travel in two batches, so that one is under way while callers of the other go on. */
const MIN_HALF_LENGTH = 128

/**
 * One batch at a time: while it is under way the next one gathers, and no timer holds it back. The start waits for
 * the end of the present turn of the event loop, so that callers who go on together travel together.
 */
export class BudgetLane {
  readonly #queue = new TenantQueue()
  readonly #carry: BatchCarrier
  readonly #maxBatchLength: number
  readonly #start: () => void
  #isAwake = false

  constructor(maxBatchLength: number, carry: BatchCarrier) {
    this.#carry = carry
    this.#maxBatchLength = maxBatchLength
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
    let tell = await this.#carryNext()
    while (!this.#queue.isEmpty) {
      // The next batch leaves first: the ledger works on it while the callers of this one go on.
      const next = this.#carryNext()
      await turnOfTheLoop()
      tell()
      tell = await next
    }
    this.#isAwake = false
    tell()
  }

  #carryNext(): Promise<() => void> {
    const half = Math.max(MIN_HALF_LENGTH, Math.ceil(this.#queue.length / 2))
    const flights = this.#queue.take(Math.min(half, this.#maxBatchLength))
    for (const flight of flights) flight.state = 'sent'
    return this.#carry(flights)
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
