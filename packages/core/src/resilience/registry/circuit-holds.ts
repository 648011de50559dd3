import type { Actor } from '../../audit/index.ts'
import type { ForcedStatus } from '../circuit-state.ts'
import type { CircuitHold } from '../managed-circuit.ts'
import type { NamePattern } from '../name-pattern.ts'

/** What a person wants of circuits: a state that holds them, or `closed`, which lifts what does. */
export interface PersonsOrder {
  readonly status: ForcedStatus | 'closed'
  readonly reason: string
  readonly actor?: Actor | undefined
}

/** The orders of people, so that a circuit made later, or anew after its eviction, is held like the others. */
export interface PersonsOrders {
  /** A person ordered a state for the circuits of a pattern. */
  add(pattern: NamePattern, order: PersonsOrder): void
  /** The last order that concerns `name`, if it holds it. */
  find(name: string): CircuitHold | undefined
}

interface Hold {
  readonly pattern: NamePattern
  /** Undefined where the order is to hold none. */
  readonly order: CircuitHold | undefined
}

/** More patterns than a person would give; the one given first is forgotten then. */
const MAX_HOLDS = 1000

/** The orders given in this process, which shares with no other. */
export class CircuitHolds implements PersonsOrders {
  /** By pattern, in the order they were given. */
  readonly #holds = new Map<string, Hold>()

  add(pattern: NamePattern, { status, reason, actor }: PersonsOrder): void {
    const { text } = pattern
    this.#holds.delete(text)
    if (status === 'closed') {
      for (const [other, hold] of this.#holds) {
        if (hold.pattern.isName && pattern.matches(other)) this.#holds.delete(other)
      }
      // A reset is worth remembering only as the exception to a wider order.
      if (text === '*') this.#holds.clear()
      if (this.#holds.size === 0) return
    }
    this.#holds.set(text, { pattern, order: status === 'closed' ? undefined : { status, reason, actor } })
    const oldest = this.#holds.keys().next()
    if (this.#holds.size > MAX_HOLDS && !oldest.done) this.#holds.delete(oldest.value)
  }

  find(name: string): CircuitHold | undefined {
    if (this.#holds.size === 0) return undefined
    let found: Hold | undefined
    for (const hold of this.#holds.values()) if (hold.pattern.matches(name)) found = hold
    return found?.order
  }
}
