import type { CoordinatedCircuit } from '../circuit-coordinator.ts'
import { type CircuitRecord, decisionOf } from './circuit-record.ts'
import { PatternOrders } from './pattern-orders.ts'

/** Closed circuits are remembered by their epoch, so that a late message about an earlier time is known as such. */
const MAX_CLOSED = 1024
const MAX_NOT_CLOSED = 10_000

/** The circuits of this process, and what is held of them and of others by name. */
export class CircuitBook {
  readonly #circuits = new Map<string, CoordinatedCircuit>()
  readonly #notClosed = new Map<string, CircuitRecord>()
  /** Those that all agree are closed, the one longest so first. */
  readonly #closed = new Map<string, CircuitRecord>()
  readonly #orders = new PatternOrders()

  get(name: string): CircuitRecord | undefined {
    return this.#notClosed.get(name) ?? this.#closed.get(name)
  }

  /** What may need to be compared with the others: circuits that are not closed, or whose closing is not yet agreed. */
  get watched(): ReadonlyMap<string, CircuitRecord> {
    return this.#notClosed
  }

  /** The patterns that a person's order holds. */
  get heldPatterns(): readonly string[] {
    return this.#orders.held
  }

  /** What a person ordered for the patterns that `name` fits, unless what is known of the name itself is newer. */
  orderFor(name: string): CircuitRecord | undefined {
    return this.#orders.find(name, this.get(name))
  }

  /** Keeps the record. Beyond 10000 circuits that are not closed, those that have no breaker here are forgotten. */
  set(name: string, record: CircuitRecord): void {
    this.#closed.delete(name)
    this.#orders.note(name, record)
    if (record.status === 'closed' && !record.isOwn) {
      this.#notClosed.delete(name)
      this.#closed.set(name, record)
      if (this.#closed.size > MAX_CLOSED) deleteOldest(this.#closed)
    } else {
      if (this.#notClosed.size >= MAX_NOT_CLOSED && !this.#notClosed.has(name)) this.#makeRoom()
      this.#notClosed.set(name, record)
    }
  }

  /**
   * Keeps the record, and tells the circuit of it if there is one here. An order for a pattern is told to those that fit
   * and of which nothing newer is known; nothing is noted of their names, so that the pattern alone holds and lifts them.
   */
  apply(name: string, record: CircuitRecord, nowMs: number): void {
    this.set(name, record)
    this.#circuits.get(name)?.applyRemote(decisionOf(record, nowMs))
    if (!this.#orders.has(name)) return
    for (const circuit of this.#circuits.values()) {
      if (this.orderFor(circuit.name) === record) circuit.applyRemote(decisionOf(record, nowMs))
    }
  }

  join(circuit: CoordinatedCircuit, nowMs: number): void {
    this.#circuits.set(circuit.name, circuit)
    const record = this.#notClosed.get(circuit.name)
    if (record !== undefined) circuit.applyRemote(decisionOf(record, nowMs))
  }

  leave(name: string): void {
    this.#circuits.delete(name)
  }

  /** Forgets a circuit that has no breaker here and is over for the others too. */
  forgetUnlessJoined(name: string): void {
    if (this.#circuits.has(name)) return
    this.#notClosed.delete(name)
    this.#orders.forget(name)
  }

  #makeRoom(): void {
    for (const name of this.#notClosed.keys()) {
      if (this.#circuits.has(name)) continue
      this.#notClosed.delete(name)
      return
    }
  }
}

function deleteOldest(records: Map<string, CircuitRecord>): void {
  const oldest = records.keys().next()
  if (!oldest.done) records.delete(oldest.value)
}
