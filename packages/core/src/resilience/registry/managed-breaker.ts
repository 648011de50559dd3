import { applyRemote, type CircuitBreaker, hold } from '../circuit-breaker.ts'
import type { RemoteDecision } from '../circuit-coordinator.ts'
import type { CircuitState } from '../circuit-state.ts'
import type { CircuitHold, ManagedCircuit } from '../managed-circuit.ts'

/** A breaker as its registry holds it. */
export class ManagedBreaker implements ManagedCircuit {
  readonly #breaker: CircuitBreaker

  constructor(breaker: CircuitBreaker) {
    this.#breaker = breaker
  }

  get name(): string {
    return this.#breaker.name
  }

  get state(): CircuitState {
    return this.#breaker.state
  }

  get failureCount(): number {
    return this.#breaker.failureCount
  }

  hold(order: CircuitHold): void {
    hold(this.#breaker, order)
  }

  reset(): void {
    this.#breaker.reset()
  }

  applyRemote(decision: RemoteDecision): boolean {
    return applyRemote(this.#breaker, decision)
  }
}
