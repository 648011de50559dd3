/** Bounds of a {@link GroupCommit}. */
export interface GroupCommitOptions<In> {
  /** Entries that go together at most. */
  readonly maxBatchLength: number
  /** Bytes that go together at most; an entry that has more by itself goes alone. Default: not counted. */
  readonly size?: { readonly maxBatchBytes: number; readonly bytesOf: (value: In) => number }
  /** Groups under way at once. Default 1, which keeps the order of the entries. */
  readonly maxGroups?: number
}

interface Entry<In, Out> {
  readonly value: In
  readonly resolve: (result: Out) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers entries while one group is being stored and stores them together as the next: a busy caller pays for few
 * statements, an idle one waits for nobody. What waits is bounded by the callers, each of whom waits for its entry.
 */
export class GroupCommit<In, Out> {
  readonly #store: (group: readonly In[]) => Promise<readonly Out[]>
  readonly #options: GroupCommitOptions<In>
  readonly #maxGroups: number
  #waiting: Entry<In, Out>[] = []
  #groups = 0

  /** `store` answers in the order of its group. */
  constructor(store: (group: readonly In[]) => Promise<readonly Out[]>, options: GroupCommitOptions<In>) {
    this.#store = store
    this.#options = options
    this.#maxGroups = options.maxGroups ?? 1
  }

  /** Resolves with the entry's own answer once its group is stored; rejects with what its group failed of. */
  add(value: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ value, resolve, reject })
      if (this.#groups < this.#maxGroups) void this.#drain()
    })
  }

  async #drain(): Promise<void> {
    this.#groups++
    // One turn of the event loop: callers that were set free together add their entries in many microtasks, and are
    // to share the first group.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#nextLength())
      try {
        const results = await this.#store(group.map(({ value }) => value))
        for (const [index, entry] of group.entries()) {
          // The store answers for each entry of its group, in order.
          entry.resolve(results[index] as Out)
        }
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#groups--
  }

  /** Entries of the next group: as many as both bounds allow, and one at least. */
  #nextLength(): number {
    const { maxBatchLength, size } = this.#options
    const length = Math.min(maxBatchLength, this.#waiting.length)
    if (size === undefined) return length
    let bytes = 0
    for (let index = 0; index < length; index++) {
      // Within the length of what waits.
      bytes += size.bytesOf((this.#waiting[index] as Entry<In, Out>).value)
      if (bytes > size.maxBatchBytes) return Math.max(1, index)
    }
    return length
  }
}
