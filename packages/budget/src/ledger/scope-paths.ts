/** The budgets that cover a scope, and the version of the tenant's budgets at which they were found. */
export interface ScopePath {
  readonly version: number
  /** The ids, the widest budget first, as PostgreSQL writes an array. */
  readonly path: string
}

/** What stands for a scope that was not looked up yet: no tenant has this version. */
const UNKNOWN_PATH: ScopePath = Object.freeze({ version: -1, path: '{}' })

/**
 * The paths of the scopes last used. An entry may be out of date: the ledger compares the version in each call, looks
 * up anew what is behind, and says what it found.
 */
export class ScopePaths {
  readonly #paths = new Map<string, ScopePath>()
  readonly #maxCount: number

  constructor(maxCount: number) {
    this.#maxCount = maxCount
  }

  get(key: string): ScopePath {
    return this.#paths.get(key) ?? UNKNOWN_PATH
  }

  set(key: string, path: ScopePath): void {
    this.#paths.delete(key)
    this.#paths.set(key, path)
    if (this.#paths.size <= this.#maxCount) return
    const [oldest] = this.#paths.keys()
    if (oldest !== undefined) this.#paths.delete(oldest)
  }
}
