import type { SqlDatabase } from '@golden-arch/core/storage'

/** A database as a process sees it that dies at one of its operations: that one and all later ones fail. */
export interface MortalDatabase {
  readonly database: SqlDatabase
  /** Whether the process has died. */
  readonly isDead: () => boolean
  /** Resolves when it dies. */
  readonly died: Promise<void>
}

/** Makes `database` die at operation `at`, from 1: before it takes effect, or after, with its answer lost. */
export function mortalDatabase(database: SqlDatabase, at: number, when: 'before' | 'after'): MortalDatabase {
  let count = 0
  let isDead = false
  const death = Promise.withResolvers<void>()
  const live = async <T>(run: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Error('the process is dead')
    count++
    const isLast = count === at
    if (isLast && when === 'before') isDead = true
    if (isDead) death.resolve()
    if (isDead) throw new Error('killed before')
    const answer = await run()
    if (isLast) isDead = true
    if (isDead) death.resolve()
    if (isDead) throw new Error('killed after')
    return answer
  }
  return {
    isDead: () => isDead,
    died: death.promise,
    database: {
      capabilities: database.capabilities,
      query: (text, values, options) => live(() => database.query(text, values, options)),
      script: (text) => live(() => database.script(text)),
      transaction: (run, options) => live(() => database.transaction(run, options)),
      session: (run) => live(() => database.session(run)),
    },
  }
}
