import type { SharedStatus } from './circuit-store.ts'

/** What is remembered of a circuit across restarts. */
export interface PersistedCircuit {
  readonly name: string
  /** Order of the decision among all processes. */
  readonly epoch: number
  /** Half-open is never written down: a circuit that was probed is open. */
  readonly status: SharedStatus
  /** Milliseconds until a probe may be let through, counted from now; without meaning unless `status` is `open`. */
  readonly remainingMs: number
  /** What led to it. */
  readonly reason: string
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
