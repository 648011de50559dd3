import { NamePattern } from '../name-pattern.ts'
import { type CircuitRecord, isByPerson } from './circuit-record.ts'

interface Order {
  readonly pattern: NamePattern
  readonly record: CircuitRecord
}

/** More patterns than people would give; the one longest untouched is forgotten then. */
const MAX_ORDERS = 1000

/** What people ordered for patterns of names, told between processes as a circuit of the pattern's name is. */
export class PatternOrders {
  readonly #orders = new Map<string, Order>()

  /** The patterns that are held in a state. */
  get held(): readonly string[] {
    return [...this.#orders].filter(([, { record }]) => record.status !== 'closed').map(([text]) => text)
  }

  /** Whether a person ordered something for the pattern `name`. */
  has(name: string): boolean {
    return this.#orders.has(name)
  }

  /** Notes the record if its name is a pattern that a person ordered something for. */
  note(name: string, record: CircuitRecord): void {
    if (!name.includes('*') || !isByPerson(record.cause)) return
    const pattern = this.#orders.get(name)?.pattern ?? new NamePattern(name)
    this.#orders.delete(name)
    this.#orders.set(name, { pattern, record })
    const oldest = this.#orders.keys().next()
    if (this.#orders.size > MAX_ORDERS && !oldest.done) this.#orders.delete(oldest.value)
  }

  forget(name: string): void {
    this.#orders.delete(name)
  }

  /** The newest order that `name` fits, unless `known`, what is known of the name itself, is as new. */
  find(name: string, known: CircuitRecord | undefined): CircuitRecord | undefined {
    let found: CircuitRecord | undefined
    for (const { pattern, record } of this.#orders.values()) {
      if (pattern.matches(name) && rankOf(record) >= rankOf(found)) found = record
    }
    return rankOf(known) >= rankOf(found) ? undefined : found
  }
}

/** Orders by their epochs; what the others do not know of yet is newer than what they do. */
function rankOf(record: CircuitRecord | undefined): number {
  if (record === undefined) return -1
  return record.isOwn ? Number.POSITIVE_INFINITY : record.epoch
}
