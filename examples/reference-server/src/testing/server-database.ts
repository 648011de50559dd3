import { join } from 'node:path'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema } from '@golden-arch/testkit'
import { preparedPglite } from '@golden-arch/testkit/pglite'
import pg from 'pg'

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', '..', 'migrations')

/** A database in memory with the whole schema, for tests. */
export async function openServerDatabase(): Promise<PgliteDatabase> {
  return PgliteDatabase.open({
    create: () =>
      preparedPglite('every module', async (pglite) =>
        migrate(await PgliteDatabase.open({ create: async () => pglite })),
      ),
  })
}

async function migrate(database: SqlDatabase): Promise<void> {
  await new Migrator({ database, migrations: await readMigrationFolder(MIGRATIONS) }).up()
}

/** A database with the whole schema, and how to leave it. */
export interface OpenedDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** One in memory. */
export async function openedServerDatabase(): Promise<OpenedDatabase> {
  const database = await openServerDatabase()
  return { database, close: () => database.close() }
}

/** One in a schema of its own on the PostgreSQL server at `address`. */
export async function openedServerDatabaseAt(address: string): Promise<OpenedDatabase> {
  const schema = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...schema.poolConfig, max: 8 })
  // No test may fail because the machine is slow.
  const database = new PgDatabase({ pool, acquireTimeoutMs: 600_000, statementTimeoutMs: 0 })
  await migrate(database)
  return {
    database,
    close: async () => {
      await pool.end()
      await schema.drop()
    },
  }
}
