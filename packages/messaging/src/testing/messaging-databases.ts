import { readFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, type SchemaPoolConfig } from '@golden-arch/testkit'
import { preparedPglite } from '@golden-arch/testkit/pglite'
import pg from 'pg'

/** A database with the tables of events and messaging, for one test file. */
export interface TestDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** PostgreSQL in the process: in memory, or in a folder that holds the tables from its first opening on. */
export async function openPglite(folder?: string): Promise<TestDatabase> {
  const database = await (folder === undefined ? openInMemory() : openFolder(folder))
  return { database, close: () => database.close() }
}

function openInMemory(): Promise<PgliteDatabase> {
  return PgliteDatabase.open({
    create: () =>
      preparedPglite('tables of messaging', async (pglite) =>
        prepareMessaging(await PgliteDatabase.open({ create: async () => pglite })),
      ),
  })
}

async function openFolder(folder: string): Promise<PgliteDatabase> {
  const database = await PgliteDatabase.open({ folder, create: (dataDir) => PGlite.create({ dataDir }) })
  const { rows } = await database.query<{ found: string | null }>(
    `SELECT to_regclass('outbox')::text AS found`,
  )
  if (rows[0]?.found === null) await prepareMessaging(database)
  return database
}

/** Two pools on one new schema of the server at `address`. */
export async function openPostgres(address: string): Promise<{
  readonly databases: readonly [SqlDatabase, SqlDatabase]
  readonly poolConfig: SchemaPoolConfig
  close(): Promise<void>
}> {
  const schema = await createPostgresSchema(address)
  const pools = [0, 1].map(() => new pg.Pool({ ...schema.poolConfig, max: 4 })) as [pg.Pool, pg.Pool] // two of them
  const first = new PgDatabase({ pool: pools[0] })
  await prepareMessaging(first)
  return {
    databases: [first, new PgDatabase({ pool: pools[1] })],
    poolConfig: schema.poolConfig,
    close: async () => {
      await Promise.all(pools.map((pool) => pool.end()))
      await schema.drop()
    },
  }
}

/** Creates the tables of events, audit and messaging. */
export async function prepareMessaging(database: SqlDatabase): Promise<void> {
  for (const name of MIGRATIONS) {
    const file = new URL(`../../../../migrations/${name}.sql`, import.meta.url)
    await database.script(await readFile(file, 'utf8'))
  }
}

const MIGRATIONS = [
  '001_events',
  '002_audit',
  '008_audit_chain',
  '007_messaging',
  '019_events_published',
  '020_messaging_settled_dead_letters',
  '021_messaging_uncounted_starts',
  '024_messaging_dead_letter_counters',
]
