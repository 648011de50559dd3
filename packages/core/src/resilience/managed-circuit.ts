import type { Actor } from '../audit/index.ts'
import { InvalidOptionError } from '../errors/index.ts'
import type { Clock } from '../time/index.ts'
import type { CircuitCoordinator, CoordinatedCircuit } from './circuit-coordinator.ts'
import type { CircuitReporter } from './circuit-reporter.ts'
import type { ForcedStatus } from './circuit-state.ts'

/** A state that circuits are held in, and why. */
export interface CircuitHold {
  readonly status: ForcedStatus
  readonly reason: string
  /** Unknown of an order that was given in another process. */
  readonly actor?: Actor | undefined
}

/** A circuit that a registry watches and holds: a breaker, or one of another library. */
export interface ManagedCircuit extends CoordinatedCircuit {
  /** Consecutive failures since the last success. */
  readonly failureCount: number
  /** Holds the circuit, in all processes that share it, until reset or held otherwise. */
  hold(order: CircuitHold): void
  /** Closes the circuit in all processes that share it, lifts what holds it, and forgets its failures. */
  reset(): void
}

/** What a registry gives a circuit of another library that it adopts. */
export interface CircuitHost {
  readonly clock: Clock
  readonly reporter: CircuitReporter
  readonly coordinator: CircuitCoordinator | undefined
}

/** A circuit of another library, before it is adopted. */
export interface ForeignCircuit extends ManagedCircuit {
  /** Reports to the host from now on, until the function returned is called. */
  connect(host: CircuitHost): () => void
}

let circuitOf: (adoptable: AdoptableCircuit) => ForeignCircuit

/** A circuit of another library, for `registry.adopt` alone: what `fromOpossum` gives. */
export class AdoptableCircuit {
  readonly #circuit: ForeignCircuit

  static {
    circuitOf = (adoptable) => {
      if (typeof adoptable === 'object' && adoptable !== null && #circuit in adoptable)
        return adoptable.#circuit
      throw new InvalidOptionError('circuit', 'what fromOpossum gives', adoptable)
    }
  }

  constructor(circuit: ForeignCircuit) {
    this.#circuit = circuit
  }

  /** Its name, under which the registry lists it. */
  get name(): string {
    return this.#circuit.name
  }
}

/** @throws InvalidOptionError `INVALID_OPTION` on what is none. */
export function foreignCircuitOf(adoptable: AdoptableCircuit): ForeignCircuit {
  return circuitOf(adoptable)
}
