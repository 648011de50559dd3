import { StorageError } from '../../storage/index.ts'
import type { CircuitPersistence, PersistedCircuit } from '../ports/circuit-persistence.ts'

/** Remembers circuits in memory, and can be made to fail. Time stands still in it. */
export class MemoryCircuitPersistence implements CircuitPersistence {
  readonly #circuits = new Map<string, PersistedCircuit>()
  readonly #writes: (readonly PersistedCircuit[])[] = []
  #isUp = true

  /** What was written, one entry for each call that succeeded. */
  get writes(): readonly (readonly PersistedCircuit[])[] {
    return this.#writes
  }

  /** Every call fails until {@link resume}. */
  stop(): void {
    this.#isUp = false
  }

  /** Works again. */
  resume(): void {
    this.#isUp = true
  }

  /** @throws StorageError `DATABASE_UNAVAILABLE` while stopped. */
  async load(): Promise<readonly PersistedCircuit[]> {
    this.#requireUp()
    return [...this.#circuits.values()].filter(({ status }) => status !== 'closed')
  }

  /** @throws StorageError `DATABASE_UNAVAILABLE` while stopped. */
  async save(circuits: readonly PersistedCircuit[]): Promise<void> {
    this.#requireUp()
    this.#writes.push(circuits)
    for (const circuit of circuits) {
      const stored = this.#circuits.get(circuit.name)
      if (stored === undefined || circuit.epoch > stored.epoch) this.#circuits.set(circuit.name, circuit)
    }
  }

  #requireUp(): void {
    if (!this.#isUp) throw StorageError.of('DATABASE_UNAVAILABLE', 'the database is stopped')
  }
}
