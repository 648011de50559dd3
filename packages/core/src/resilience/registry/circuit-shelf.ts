import type { CircuitState } from '../circuit-state.ts'

/** How many circuits are looked at, at most, for one that may be forgotten. */
const MAX_SPARED = 16

/** What a shelf asks of a circuit. */
export interface ShelvedCircuit {
  readonly name: string
  readonly state: CircuitState
}

/** Circuits by name, as many as fit, in the order of their last use. */
export class CircuitShelf<C extends ShelvedCircuit> {
  readonly #size: number
  /** The one used last stands last. */
  readonly #circuits = new Map<string, C>()
  #newest: string | undefined

  constructor(size: number) {
    this.#size = size
  }

  get size(): number {
    return this.#circuits.size
  }

  /** The circuit, which counts as a use of it. */
  use(name: string): C | undefined {
    const circuit = this.#circuits.get(name)
    if (circuit === undefined || name === this.#newest) return circuit
    this.#circuits.delete(name)
    this.#circuits.set(name, circuit)
    this.#newest = name
    return circuit
  }

  /** The circuit, which stays where it is. */
  peek(name: string): C | undefined {
    return this.#circuits.get(name)
  }

  /** The circuits, the one longest unused first. */
  all(): IterableIterator<C> {
    return this.#circuits.values()
  }

  /** Adds a circuit, after making room for it; gives the one that was forgotten. */
  add(circuit: C): C | undefined {
    const forgotten = this.#circuits.size < this.#size ? undefined : this.#makeRoom()
    this.#circuits.set(circuit.name, circuit)
    this.#newest = circuit.name
    return forgotten
  }

  remove(name: string): void {
    this.#circuits.delete(name)
  }

  /** Forgets the closed circuit longest unused; among the first sixteen none closed, the first of all. */
  #makeRoom(): C | undefined {
    const spared: C[] = []
    let forgotten: C | undefined
    for (const circuit of this.#circuits.values()) {
      if (circuit.state.status === 'closed') forgotten = circuit
      else spared.push(circuit)
      if (forgotten !== undefined || spared.length >= MAX_SPARED) break
    }
    forgotten ??= spared.shift()
    for (const circuit of spared) {
      // Who was spared goes behind the others, so that the next search does not meet it again at once.
      this.#circuits.delete(circuit.name)
      this.#circuits.set(circuit.name, circuit)
    }
    if (forgotten !== undefined) this.#circuits.delete(forgotten.name)
    return forgotten
  }
}
