import type { BudgetFlight } from './budget-flight.ts'

/** Flights that wait, first come first served within a tenant, tenants in turn. */
export class TenantQueue {
  readonly #byTenant = new Map<string, Line>()
  #length = 0

  /** Puts a flight at the end of its tenant's line. */
  add(flight: BudgetFlight): void {
    this.#length++
    const line = this.#byTenant.get(flight.tenantId)
    if (line === undefined) this.#byTenant.set(flight.tenantId, new Line(flight))
    else this.#length -= line.push(flight)
  }

  /** Takes at most `count` flights, one of each tenant in turn; those that ended while they waited are dropped. */
  take(count: number): BudgetFlight[] {
    const taken: BudgetFlight[] = []
    while (taken.length < count && this.#byTenant.size > 0) {
      // A tenant alone needs no turns.
      const turns = this.#byTenant.size === 1 ? count : 1
      for (const [tenantId, line] of this.#byTenant) {
        for (let turn = 0; turn < turns && taken.length < count; turn++) {
          const before = line.length
          const flight = line.shift()
          this.#length += line.length - before
          if (flight === undefined) break
          taken.push(flight)
        }
        this.#byTenant.delete(tenantId)
        // To the back: who was served first comes last next time.
        if (line.isEmpty) continue
        this.#byTenant.set(tenantId, line)
        if (taken.length >= count || turns > 1) break
      }
    }
    return taken
  }

  /** How many wait, those that ended meanwhile counted. */
  get length(): number {
    return this.#length
  }

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#byTenant.size === 0
  }
}

/** A first-in first-out list that moves no elements while it drains. */
class Line {
  #flights: BudgetFlight[]
  #next = 0
  #cleanAtLength = 1024

  constructor(first: BudgetFlight) {
    this.#flights = [first]
  }

  get length(): number {
    return this.#flights.length - this.#next
  }

  /** Adds one, and gives how many were dropped: callers that come and go while nothing is taken must not pile up. */
  push(flight: BudgetFlight): number {
    this.#flights.push(flight)
    if (this.#flights.length < this.#cleanAtLength) return 0
    const before = this.length
    this.#flights = this.#flights.slice(this.#next).filter(({ state }) => state === 'queued')
    this.#next = 0
    this.#cleanAtLength = Math.max(1024, this.#flights.length * 2)
    return before - this.#flights.length
  }

  get isEmpty(): boolean {
    return this.length === 0
  }

  shift(): BudgetFlight | undefined {
    while (!this.isEmpty) {
      const flight = this.#flights[this.#next++]
      if (this.#next > 1024 && this.#next * 2 > this.#flights.length) {
        this.#flights.splice(0, this.#next)
        this.#next = 0
      }
      if (flight !== undefined && flight.state === 'queued') return flight
    }
    return undefined
  }
}
