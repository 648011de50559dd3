import type { ForcedStatus } from '../circuit-state.ts'
import type { NamePattern } from './name-pattern.ts'

/** What a person ordered for the circuits of a pattern: a state to hold them in, or that none is held. */
export interface CircuitHold {
  readonly pattern: NamePattern
  readonly status: ForcedStatus | 'reset'
  readonly reason: string
}

/** More patterns than a person would give; the one given first is forgotten then. */
const MAX_HOLDS = 1000

/** The orders of people, so that a circuit made later, or anew after its eviction, is held like the others. */
export class CircuitHolds {
  /** By pattern, in the order they were given. */
  readonly #holds = new Map<string, CircuitHold>()

  add(hold: CircuitHold): void {
    const { text } = hold.pattern
    this.#holds.delete(text)
    if (hold.status === 'reset') {
      for (const [other, { pattern }] of this.#holds) {
        if (pattern.isName && hold.pattern.matches(pattern.text)) this.#holds.delete(other)
      }
      // A reset is worth remembering only as the exception to a wider order.
      if (text === '*') this.#holds.clear()
      if (this.#holds.size === 0) return
    }
    this.#holds.set(text, hold)
    const oldest = this.#holds.keys().next()
    if (this.#holds.size > MAX_HOLDS && !oldest.done) this.#holds.delete(oldest.value)
  }

  /** The last order that concerns `name`. */
  find(name: string): CircuitHold | undefined {
    if (this.#holds.size === 0) return undefined
    let found: CircuitHold | undefined
    for (const hold of this.#holds.values()) if (hold.pattern.matches(name)) found = hold
    return found
  }
}
