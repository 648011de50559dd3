import type { AttemptKey, AttemptStore, Attempts, FailedStart } from '../../ports/attempt-store.ts'

/** Counts starts in the process, for tests. */
export class MemoryAttemptStore implements AttemptStore {
  readonly #attempts = new Map<string, Attempts>()

  async read(keys: readonly AttemptKey[]): Promise<readonly Attempts[]> {
    return keys.map((key) => this.#of(key))
  }

  async start(keys: readonly AttemptKey[]): Promise<readonly number[]> {
    return keys.map((key) => {
      const attempts = this.#of(key)
      const starts = attempts.starts + 1
      this.#attempts.set(nameOf(key), { ...attempts, starts, isInterrupted: true })
      return starts
    })
  }

  async end(ends: readonly FailedStart[]): Promise<void> {
    for (const { key, reason, code, isCounted } of ends) {
      const { starts: begun } = this.#of(key)
      if (begun === 0) continue
      const starts = isCounted ? begun : begun - 1
      this.#attempts.set(nameOf(key), { starts, isInterrupted: false, lastFailure: { reason, code } })
    }
  }

  async forget(keys: readonly AttemptKey[]): Promise<void> {
    for (const key of keys) this.#attempts.delete(nameOf(key))
  }

  async prune(): Promise<void> {}

  #of(key: AttemptKey): Attempts {
    return this.#attempts.get(nameOf(key)) ?? { starts: 0, isInterrupted: false, lastFailure: null }
  }
}

function nameOf({ stream, consumer, sequence, messageId }: AttemptKey): string {
  return JSON.stringify([stream, consumer, sequence, messageId])
}
