import { AsyncResource } from 'node:async_hooks'
import type { BudgetFlight } from './budget-flight.ts'
import { TenantQueue } from './tenant-queue.ts'

/** What carries a batch to the ledger and answers each of its flights. It never throws. */
export type BatchCarrier = (flights: readonly BudgetFlight[]) => Promise<void>

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
    const flights = this.#queue.take(this.#maxBatchLength)
    if (flights.length > 0) {
      for (const flight of flights) flight.state = 'sent'
      await this.#carry(flights)
    }
    if (this.#queue.isEmpty) this.#isAwake = false
    else setImmediate(this.#start)
  }
}
