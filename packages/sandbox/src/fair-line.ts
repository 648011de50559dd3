/** Whose an item of a {@link FairLine} is. */
export interface LineOwner {
  readonly tenantId: string
  /** Undefined where none was given; that is a role like any other. */
  readonly role?: string | undefined
}

type Roles<Item> = Map<string | undefined, Set<Item>>

/**
 * A line in which tenants are served in turn, within a tenant its roles in turn, and within a role who came first. However much one
 * tenant has waiting, another is delayed by one item of it at most.
 */
export class FairLine<Item extends LineOwner> {
  /** The tenant to be served next comes first; so does the role of each. */
  readonly #tenants = new Map<string, Roles<Item>>()
  #length = 0

  get length(): number {
    return this.#length
  }

  add(item: Item): void {
    const roles: Roles<Item> = this.#tenants.get(item.tenantId) ?? new Map()
    this.#tenants.set(item.tenantId, roles)
    const items = roles.get(item.role) ?? new Set()
    roles.set(item.role, items.add(item))
    this.#length++
  }

  /** Takes the next one out; its role and its tenant go to the end of their turns. */
  take(): Item | undefined {
    for (const [tenantId, roles] of this.#tenants) {
      for (const [role, items] of roles) {
        for (const item of items) {
          this.remove(item)
          if (items.size > 0) moveToEnd(roles, role, items)
          if (roles.size > 0) moveToEnd(this.#tenants, tenantId, roles)
          return item
        }
      }
    }
    return undefined
  }

  /** The one who came last in the longest role of this tenant. */
  newestOf(tenantId: string): Item | undefined {
    let longest: ReadonlySet<Item> = new Set()
    for (const items of this.#tenants.get(tenantId)?.values() ?? []) {
      if (items.size > longest.size) longest = items
    }
    return [...longest].at(-1)
  }

  /** Takes this one out, wherever it stands. */
  remove(item: Item): void {
    const roles = this.#tenants.get(item.tenantId)
    const items = roles?.get(item.role)
    if (roles === undefined || items?.delete(item) !== true) return
    this.#length--
    if (items.size === 0) roles.delete(item.role)
    if (roles.size === 0) this.#tenants.delete(item.tenantId)
  }

  /** Everybody who waits, in no particular order. */
  *[Symbol.iterator](): Generator<Item, void, undefined> {
    for (const roles of this.#tenants.values()) {
      for (const items of roles.values()) yield* items
    }
  }
}

function moveToEnd<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.delete(key)
  map.set(key, value)
}
