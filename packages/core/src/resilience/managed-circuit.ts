import type { Clock } from '../time/index.ts'
import type { CircuitCoordinator, CoordinatedCircuit } from './circuit-coordinator.ts'
import type { CircuitReporter } from './circuit-reporter.ts'

/** A circuit that people can watch and hold: a breaker, or one of another library. */
export interface ManagedCircuit extends CoordinatedCircuit {
  /** Consecutive failures since the last success. */
  readonly failureCount: number
  /** Rejects every call, in all processes that share the circuit, until reset or forced otherwise. */
  forceOpen(reason?: string): void
  /** Lets every call pass, whatever fails, in all processes that share the circuit, until reset or forced otherwise. */
  forceClose(reason?: string): void
  /** Lets every call pass uncounted, in all processes that share the circuit, until reset or forced otherwise. */
  disable(reason?: string): void
  /** Closes the circuit in all processes that share it, lifts what holds it, and forgets its failures. */
  reset(): void
}

/** What a registry gives a circuit of another library that it adopts. */
export interface CircuitHost {
  readonly clock: Clock
  readonly reporter: CircuitReporter
  readonly coordinator: CircuitCoordinator | undefined
}

/** A circuit of another library, ready to be adopted by a registry. */
export interface AdoptableCircuit extends ManagedCircuit {
  /** Reports to the host from now on, until the function returned is called. */
  connect(host: CircuitHost): () => void
}
