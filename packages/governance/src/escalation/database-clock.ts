import type { DatabaseClock } from '@golden-arch/core/storage'

/** The database's own clock, at the moment and not at the start of the transaction. */
export const databaseClock: DatabaseClock = async (executor) => {
  const { rows } = await executor.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  const [row] = rows
  if (row === undefined) throw new Error('the database told no time')
  return row.now
}
