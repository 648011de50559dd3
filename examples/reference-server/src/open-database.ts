import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import type { Logger } from '@golden-arch/core/observability'
import { durableStartParams, PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import pg from 'pg'

/** An open database with the schema up to date. */
export interface OpenedDatabase {
  readonly database: SqlDatabase
  /** Whether no other process can have it open. */
  readonly isExclusive: boolean
  close(): Promise<void>
}

/** Where the database is. */
export interface DatabaseLocation {
  /** A PostgreSQL server. Default: PGlite in `folder`. */
  readonly url?: string | undefined
  readonly folder: string
}

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', 'migrations')
const POOL_SIZE = 10

/** Opens the database and applies the migrations that wait. */
export async function openDatabase(location: DatabaseLocation, logger: Logger): Promise<OpenedDatabase> {
  const opened =
    location.url === undefined ? await openFolder(location.folder) : openServer(location.url, logger)
  try {
    const migrations = await readMigrationFolder(MIGRATIONS)
    await new Migrator({ database: opened.database, migrations, logger }).up()
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function openFolder(folder: string): Promise<OpenedDatabase> {
  mkdirSync(folder, { recursive: true })
  const startParams = durableStartParams(PGlite.defaultStartParams)
  const database = await PgliteDatabase.open({
    folder,
    create: (dataDir) => PGlite.create({ dataDir, startParams }),
  })
  return { database, isExclusive: true, close: () => database.close() }
}

function openServer(connectionString: string, logger: Logger): OpenedDatabase {
  const pool = new pg.Pool({ connectionString, max: POOL_SIZE, application_name: 'golden-architecture' })
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection failed'))
  return { database: new PgDatabase({ pool }), isExclusive: false, close: () => pool.end() }
}
