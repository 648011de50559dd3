import type { DatabaseClock, SqlDatabase } from '@golden-arch/core/storage'

/** Where a controlled clock begins. */
export const CLOCK_START: Date = new Date('2026-03-01T12:00:00Z')

/** Makes the clock that {@link controlledClock} reads: one for all processes on a database, moved by hand. */
export async function createControlledClock(database: SqlDatabase): Promise<void> {
  await database.script('CREATE TABLE controlled_clock (at timestamptz NOT NULL)')
  await database.query('INSERT INTO controlled_clock VALUES ($1::timestamptz)', [CLOCK_START])
}

/** The time that the clock of the database was set to. */
export const controlledClock: DatabaseClock = async (executor) => {
  const { rows } = await executor.query<{ at: Date }>('SELECT at FROM controlled_clock')
  const [row] = rows
  if (row === undefined) throw new Error('there is no clock')
  return row.at
}

/** Moves the clock by `ms`, back where that is negative. */
export async function moveClock(database: SqlDatabase, ms: number): Promise<void> {
  await database.query(`UPDATE controlled_clock SET at = at + $1::int * interval '1 millisecond'`, [ms])
}
