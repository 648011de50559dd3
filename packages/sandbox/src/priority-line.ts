import { EXECUTION_PRIORITIES, type ExecutionPriority } from './execution-priority.ts'
import { FairLine, type LineOwner } from './fair-line.ts'

/** A class that waits has the next turn once others were served so many times in a row. */
const MAX_PASSED_OVER = 7

/** Somebody in a {@link PriorityLine}. */
export interface LineMember extends LineOwner {
  readonly priority: ExecutionPriority
}

interface PriorityClass<Item extends LineMember> {
  readonly line: FairLine<Item>
  /** Times in a row that others were served while this class waited. */
  passedOver: number
}

/**
 * A line in which the most urgent go first, and tenants and their roles in turn among the equally urgent. Whatever else waits, each
 * priority that waits is served at least every ninth time: nobody starves.
 */
export class PriorityLine<Item extends LineMember> {
  readonly #classes: ReadonlyMap<ExecutionPriority, PriorityClass<Item>> = new Map(
    EXECUTION_PRIORITIES.map((priority) => [priority, { line: new FairLine<Item>(), passedOver: 0 }]),
  )
  readonly #countByTenant = new Map<string, number>()
  #length = 0

  get length(): number {
    return this.#length
  }

  add(item: Item): void {
    this.#classes.get(item.priority)?.line.add(item)
    this.#change(item, 1)
  }

  /** Takes the next one out. */
  take(): Item | undefined {
    const next = this.#nextClass()
    const item = next?.line.take()
    if (item === undefined) return undefined
    this.#change(item, -1)
    for (const each of this.#classes.values()) {
      each.passedOver = each === next || each.line.length === 0 ? 0 : each.passedOver + 1
    }
    return item
  }

  /** Takes this one out, wherever it stands. Once only. */
  remove(item: Item): void {
    this.#classes.get(item.priority)?.line.remove(item)
    this.#change(item, -1)
  }

  /**
   * Who has to go so that this tenant finds room in a full line: the newest of the least urgent of the tenant with most waiting.
   * Undefined where no tenant has two more waiting than this one, so that room is shared out and nobody pushes back and forth.
   */
  crowdingOut(tenantId: string): Item | undefined {
    let [longest, most] = ['', 0]
    for (const [each, count] of this.#countByTenant) {
      if (count > most) [longest, most] = [each, count]
    }
    if (most < this.#countOf(tenantId) + 2) return undefined
    const leastUrgentFirst = [...this.#classes.values()].reverse()
    for (const { line } of leastUrgentFirst) {
      const newest = line.newestOf(longest)
      if (newest !== undefined) return newest
    }
    return undefined
  }

  /** Everybody who waits, the most urgent first. */
  *[Symbol.iterator](): Generator<Item, void, undefined> {
    for (const { line } of this.#classes.values()) yield* line
  }

  #nextClass(): PriorityClass<Item> | undefined {
    const waiting = [...this.#classes.values()].filter(({ line }) => line.length > 0)
    let next = waiting[0]
    let most = MAX_PASSED_OVER - 1
    for (const each of waiting.reverse()) {
      if (each.passedOver > most) [next, most] = [each, each.passedOver]
    }
    return next
  }

  #countOf(tenantId: string): number {
    return this.#countByTenant.get(tenantId) ?? 0
  }

  #change({ tenantId }: Item, by: 1 | -1): void {
    const count = this.#countOf(tenantId) + by
    if (count === 0) this.#countByTenant.delete(tenantId)
    else this.#countByTenant.set(tenantId, count)
    this.#length += by
  }
}
