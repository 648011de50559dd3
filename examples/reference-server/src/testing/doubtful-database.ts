import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'

/** A database as a process sees it that loses one answer on the way. */
export interface DoubtfulDatabase {
  readonly database: SqlDatabase
  /** Whether the answer was lost. */
  readonly isLost: () => boolean
}

/** Makes nobody know the outcome of operation `at`, from 1, which did not take effect or did; all others are answered. */
export function doubtfulDatabase(database: SqlDatabase, at: number, tookEffect: boolean): DoubtfulDatabase {
  let count = 0
  const answered = async <T>(run: () => Promise<T>): Promise<T> => {
    const isInDoubt = ++count === at
    if (!isInDoubt) return run()
    if (tookEffect) await run()
    throw StorageError.of('OUTCOME_UNKNOWN', 'the connection was lost before the statement was confirmed')
  }
  return {
    isLost: () => count >= at,
    database: {
      capabilities: database.capabilities,
      query: (text, values, options) => answered(() => database.query(text, values, options)),
      script: (text) => answered(() => database.script(text)),
      transaction: (run, options) => answered(() => database.transaction(run, options)),
      session: (run) => answered(() => database.session(run)),
    },
  }
}
