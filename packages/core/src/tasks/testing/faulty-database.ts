import type { SqlDatabase, SqlExecutor, SqlTransaction } from '../../storage/index.ts'

/**
 * The database, dying at a statement: in a transaction the first `statements` are carried out, and before the next one
 * `die` is called with the transaction, and the command fails.
 */
export function dyingAfter(
  database: SqlDatabase,
  statements: number,
  die: (tx: SqlExecutor) => Promise<unknown> = () => Promise.resolve(),
): SqlDatabase {
  let left = statements
  const watched = (tx: SqlTransaction): SqlTransaction => ({
    scope: 'transaction',
    query: async (text, values, options) => {
      if (left-- > 0) return tx.query(text, values, options)
      await die(tx)
      throw new Error('died')
    },
    script: (text) => tx.script(text),
  })
  return {
    capabilities: database.capabilities,
    query: (text, values, options) => database.query(text, values, options),
    script: (text) => database.script(text),
    session: (run) => database.session(run),
    transaction: (run, options) => database.transaction((tx) => run(watched(tx)), options),
  }
}
