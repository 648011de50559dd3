import { PGlite } from '@electric-sql/pglite'
import { createPostgresSchema, type SchemaPoolConfig } from '@golden-arch/testkit'
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
  const create = (dataDir: string): Promise<PGlite> => PGlite.create({ dataDir })
  const database = await PgliteDatabase.open(folder === undefined ? { create } : { create, folder })
  await migrateAudit(database)
  return { database, close: () => database.close() }
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
