/** Bounds of a {@link GroupCommit}. */
export interface GroupCommitOptions {
  /** Entries that go together at most. */
  readonly maxBatchLength: number
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
  readonly #maxBatchLength: number
  readonly #maxGroups: number
  #waiting: Entry<In, Out>[] = []
  #groups = 0

  /** `store` answers in the order of its group. */
  constructor(store: (group: readonly In[]) => Promise<readonly Out[]>, options: GroupCommitOptions) {
    this.#store = store
    this.#maxBatchLength = options.maxBatchLength
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
      const group = this.#waiting.splice(0, this.#maxBatchLength)
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
}
