import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema } from '@golden-arch/testkit'
import { preparedPglite } from '@golden-arch/testkit/pglite'
import pg from 'pg'

/** A database with the modules events, audit and governance applied, and how to leave it. */
export interface OpenedGovernance {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** PGlite in memory. */
export async function openOnPglite(): Promise<OpenedGovernance> {
  const database = await PgliteDatabase.open({
    create: () =>
      preparedPglite('events, audit, governance', async (pglite) =>
        migrate(await PgliteDatabase.open({ create: async () => pglite })),
      ),
  })
  return { database, close: () => database.close() }
}

/** A schema of its own on the PostgreSQL server at `address`, for as many transactions at once as there are connections. */
export async function openOnPostgres(address: string, connections = 8): Promise<OpenedGovernance> {
  const schema = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...schema.poolConfig, max: connections })
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

async function migrate(database: SqlDatabase): Promise<void> {
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['events', 'audit', 'governance'] })
}
