import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'

/** A database as a process sees it whose server goes away and comes back. */
export interface FailingDatabase {
  readonly database: SqlDatabase
  /** How many calls were made in vain. */
  readonly failed: () => number
  setAway(isAway: boolean): void
}

/** Makes every new call of `database` fail while the server is away. */
export function failingDatabase(database: SqlDatabase): FailingDatabase {
  let isAway = false
  let count = 0
  const whileThere = <T>(run: () => Promise<T>): Promise<T> => {
    if (!isAway) return run()
    count++
    return Promise.reject(StorageError.of('DATABASE_UNAVAILABLE', 'the server is away'))
  }
  return {
    failed: () => count,
    setAway: (is) => {
      isAway = is
    },
    // Without `listen`: everything that is woken by it polls too.
    database: {
      capabilities: database.capabilities,
      query: (text, values, options) => whileThere(() => database.query(text, values, options)),
      script: (text) => whileThere(() => database.script(text)),
      transaction: (run, options) => whileThere(() => database.transaction(run, options)),
      session: (run) => whileThere(() => database.session(run)),
    },
  }
}
