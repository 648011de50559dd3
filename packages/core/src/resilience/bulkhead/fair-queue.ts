/**
 * A queue that serves its keys in turn, and within a key who came first, so that one busy key delays every other by one
 * at most. Adding, taking and removing cost the same whatever waits.
 */
export class FairQueue<T extends object> {
  /** The key to be served next comes first. */
  readonly #waiting = new Map<string, Set<T>>()
  #length = 0

  get length(): number {
    return this.#length
  }

  add(key: string, item: T): void {
    const items = this.#waiting.get(key)
    if (items === undefined) this.#waiting.set(key, new Set([item]))
    else items.add(item)
    this.#length++
  }

  /** Takes the next one out; its key goes to the end of the turn. */
  take(): T | undefined {
    for (const [key, items] of this.#waiting) {
      this.#waiting.delete(key)
      for (const item of items) {
        items.delete(item)
        if (items.size > 0) this.#waiting.set(key, items)
        this.#length--
        return item
      }
    }
    return undefined
  }

  /** Takes this one out, wherever it stands; false if it is not there. */
  remove(key: string, item: T): boolean {
    const items = this.#waiting.get(key)
    if (items?.delete(item) !== true) return false
    if (items.size === 0) this.#waiting.delete(key)
    this.#length--
    return true
  }
}
