import type { SqlExecutor } from './sql-database.ts'

/**
 * What time it is for all processes that share a database; asked within the call or transaction that goes by it. An
 * application lets the database say so; a test says so itself.
 */
export type DatabaseClock = (executor: SqlExecutor) => Promise<Date>
