import type { CircuitHold } from '../managed-circuit.ts'
import type { NamePattern } from '../name-pattern.ts'
import type { CircuitSharing } from '../sharing/circuit-sharing.ts'
import type { PersonsOrder, PersonsOrders } from './circuit-holds.ts'

/** The orders of people in all processes that share: what one of them lifts is lifted for all. */
export class SharedHolds implements PersonsOrders {
  readonly #sharing: CircuitSharing

  constructor(sharing: CircuitSharing) {
    this.#sharing = sharing
  }

  add(pattern: NamePattern, { status, reason }: PersonsOrder): void {
    const held = this.#sharing.heldPatterns
    if (status === 'closed') {
      for (const narrower of held) {
        if (pattern.matches(narrower)) this.#sharing.ordered(narrower, status, reason)
      }
    }
    // A name is told by its circuit; a reset is worth remembering only as the exception to a wider order.
    const isException = status === 'closed' && this.#sharing.heldPatterns.length > 0
    if (!pattern.isName && (status !== 'closed' || isException))
      this.#sharing.ordered(pattern.text, status, reason)
  }

  find(name: string): CircuitHold | undefined {
    const order = this.#sharing.orderFor(name)
    if (order === undefined || order.status === 'closed' || order.status === 'open') return undefined
    return { status: order.status, reason: order.reason }
  }
}
