import { join } from 'node:path'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, randomName } from '@golden-arch/testkit'
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

async function migrate(database: SqlDatabase, grantTo?: string): Promise<void> {
  const migrator = new Migrator({ database, migrations: await readMigrationFolder(MIGRATIONS) })
  await migrator.up(grantTo === undefined ? {} : { grantTo })
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

/** One in a schema of its own on the PostgreSQL server at `address`, with the rights of an application. */
export async function openedServerDatabaseAt(address: string): Promise<OpenedDatabase> {
  const schema = await createServerSchema(address)
  const pool = new pg.Pool({ connectionString: schema.address, max: 8 })
  return {
    // No test may fail because the machine is slow.
    database: new PgDatabase({ pool, acquireTimeoutMs: 600_000, statementTimeoutMs: 0 }),
    close: async () => {
      await pool.end()
      await schema.drop()
    },
  }
}

/** A schema with all tables, as seen by a role that owns nothing there. */
export interface ServerSchema {
  /** The server's address, as that role and in that schema. */
  readonly address: string
  /** Drops it with all it holds, and the role. End the pools first. */
  drop(): Promise<void>
}

/** Makes such a schema on the PostgreSQL server at `address`; the role has no more rights than an application is given. */
export async function createServerSchema(address: string): Promise<ServerSchema> {
  const { poolConfig, drop } = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...poolConfig, max: 1 })
  const database = new PgDatabase({ pool })
  const role = randomName('application').replaceAll('-', '_')
  await database.query(`CREATE ROLE ${role}`)
  await migrate(database, role)
  const url = new URL(address)
  url.searchParams.set('options', `${poolConfig.options} -c role=${role}`)
  return {
    address: url.href,
    drop: async () => {
      await database.query(`DROP OWNED BY ${role}`)
      await database.query(`DROP ROLE ${role}`)
      await pool.end()
      await drop()
    },
  }
}
