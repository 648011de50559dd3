import type { DatabaseClock, SqlDatabase, SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { LedgerCall } from './budget-ledger.ts'

/** Work on the ledger. `tx` is there where an outbox or an audit log takes part. */
export type LedgerWork<T> = (call: LedgerCall, tx: SqlTransaction | undefined) => Promise<T>

/** Where the ledger is, and what it goes by; the database's own clock without `now`. */
export interface LedgerPlace {
  readonly database: SqlDatabase
  readonly now: DatabaseClock | undefined
}

/** Runs `work` in a transaction, or without one: a statement alone commits by itself and costs one round trip. */
export function workOnLedger<T>(
  { database, now }: LedgerPlace,
  { isTransaction, signal }: { readonly isTransaction: boolean; readonly signal: AbortSignal },
  work: LedgerWork<T>,
): Promise<T> {
  const begin = async (executor: SqlExecutor, tx: SqlTransaction | undefined): Promise<T> =>
    work({ executor, now: now === undefined ? null : await now(executor), signal }, tx)
  return isTransaction ? database.transaction((tx) => begin(tx, tx), { signal }) : begin(database, undefined)
}
