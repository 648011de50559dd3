import { PGlite } from '@electric-sql/pglite'
import { createPostgresSchema, type SchemaPoolConfig } from '@golden-arch/testkit'
import { preparedPglite } from '@golden-arch/testkit/pglite'
import pg from 'pg'
import { Migrator, readMigrationFolder } from '../../migrate/index.ts'
import { PgDatabase, PgliteDatabase, type SqlDatabase } from '../../storage/index.ts'

/** A database with the tables of the audit log, and how to leave it. */
export interface OpenedAuditDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** PostgreSQL in the process, in memory or in a folder that holds the tables from its first opening on. */
export async function openAuditPglite(folder?: string): Promise<OpenedAuditDatabase> {
  const database = await (folder === undefined ? openInMemory() : openFolder(folder))
  return { database, close: () => database.close() }
}

function openInMemory(): Promise<PgliteDatabase> {
  return PgliteDatabase.open({
    create: () =>
      preparedPglite('audit', async (pglite) =>
        migrateAudit(await PgliteDatabase.open({ create: async () => pglite })),
      ),
  })
}

async function openFolder(folder: string): Promise<PgliteDatabase> {
  const database = await PgliteDatabase.open({ folder, create: (dataDir) => PGlite.create({ dataDir }) })
  await migrateAudit(database)
  return database
}

/** The same database, with all it held gone and its tables made anew. */
export async function renewAuditTables(database: SqlDatabase): Promise<void> {
  await database.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await migrateAudit(database)
}

/** A pool on one new schema of the server at `address`. */
export async function openAuditPostgres(
  address: string,
): Promise<OpenedAuditDatabase & { readonly schema: string; readonly poolConfig: SchemaPoolConfig }> {
  const schema = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...schema.poolConfig, max: 10 })
  const database = new PgDatabase({ pool })
  await migrateAudit(database)
  return {
    database,
    schema: schema.schema,
    poolConfig: schema.poolConfig,
    close: async () => {
      await pool.end()
      await schema.drop()
    },
  }
}

async function migrateAudit(database: SqlDatabase): Promise<void> {
  const migrations = await readMigrationFolder('migrations')
  await new Migrator({ database, migrations }).up({ modules: ['audit'] })
}
