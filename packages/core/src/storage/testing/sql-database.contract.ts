import { afterAll, beforeAll, describe } from 'vitest'
import type { SqlDatabase } from '../ports/sql-database.ts'
import { describeSqlErrors } from './sql-database/sql-errors.ts'
import { describeSqlListen } from './sql-database/sql-listen.ts'
import { describeSqlSessions } from './sql-database/sql-sessions.ts'
import { describeSqlTransactions } from './sql-database/sql-transactions.ts'
import { describeSqlValues } from './sql-database/sql-values.ts'

/** A database under test. */
export interface SqlDatabaseUnderTest {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/**
 * Registers the tests that every {@link SqlDatabase} must pass. `open` is called once; its database needs an empty
 * schema to make tables in, with at least 3 concurrent transactions unless its capabilities say 1.
 */
export function describeSqlDatabaseContract(title: string, open: () => Promise<SqlDatabaseUnderTest>): void {
  describe(`${title} as SqlDatabase`, () => {
    let opened: SqlDatabaseUnderTest | undefined
    const database = (): SqlDatabase => {
      if (opened === undefined) throw new Error('the database has not been opened')
      return opened.database
    }
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })
    describeSqlValues(database)
    describeSqlErrors(database)
    describeSqlTransactions(database)
    describeSqlSessions(database)
    describeSqlListen(database)
  })
}
