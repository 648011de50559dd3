/** A map of bounded size by text: beyond its bound, what was written longest ago leaves. */
export class RecentMap<Value> {
  readonly #maxEntries: number
  readonly #entries = new Map<string, Value>()

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  /** How many values there are. */
  get size(): number {
    return this.#entries.size
  }

  /** The value of `key`, or undefined. */
  get(key: string): Value | undefined {
    return this.#entries.get(key)
  }

  /** Keeps `value` as the one written last. */
  set(key: string, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#maxEntries) return
    // A map gives its keys in the order in which they were added.
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  /** Forgets `key`. */
  delete(key: string): void {
    this.#entries.delete(key)
  }
}
