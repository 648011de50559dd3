import type { RemoteDecision } from '../circuit-coordinator.ts'

/** What is remembered of a circuit across restarts. */
export interface PersistedCircuit extends RemoteDecision {
  readonly name: string
  /** Milliseconds from the opening until a probe may be let through; 0 unless `status` is `open`. */
  readonly recoveryTimeoutMs: number
  /** Consecutive failures when it was written. */
  readonly failureCount: number
}

/** Where circuits are remembered. */
export interface CircuitPersistence {
  /**
   * All circuits that are not closed, at most 10000, with the time that remains by the store's own clock.
   * @throws StorageError by code.
   */
  load(): Promise<readonly PersistedCircuit[]>
  /**
   * Writes the circuits, each unless a newer epoch of it is stored.
   * @throws StorageError by code.
   */
  save(circuits: readonly PersistedCircuit[]): Promise<void>
}
