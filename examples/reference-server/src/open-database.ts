import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type Migration, Migrator, readMigrationFolder, type StatusReport } from '@golden-arch/core/migrate'
import type { Logger } from '@golden-arch/core/observability'
import {
  durableStartParams,
  endWithClient,
  PgDatabase,
  PgliteDatabase,
  type SqlDatabase,
} from '@golden-arch/core/storage'
import pg from 'pg'
import { StartRefusal } from './await-dependency.ts'

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

/** Where the database of a server with this configuration is. */
export function databaseLocation({
  DATABASE_URL: url,
  DATA_DIR,
}: Readonly<{ DATABASE_URL?: string | undefined; DATA_DIR: string }>): DatabaseLocation {
  return { url, folder: join(DATA_DIR, 'database') }
}

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', 'migrations')
/** Connections to a PostgreSQL server that one process opens at most. */
export const POOL_SIZE = 10
/** Of these, how many it keeps while it has nothing to ask. */
const IDLE_CONNECTIONS = 2
const KEEP_ALIVE_MS = 60_000

/** What becomes of migrations that wait. */
export interface SchemaOptions {
  /** Whether they are applied; else they refuse the start. One in a folder of this process always gets them. Default false. */
  readonly migrates?: boolean
}

/**
 * Opens the database with its schema up to date. Several processes may migrate at once: one does, the others wait.
 * @throws StartRefusal naming the migrations that wait on a server, where they are not to be applied; MigrationError and
 * StorageError by code.
 */
export async function openDatabase(
  location: DatabaseLocation,
  logger: Logger,
  { migrates = false }: SchemaOptions = {},
): Promise<OpenedDatabase> {
  const opened =
    location.url === undefined ? await openFolder(location.folder) : openServer(location.url, logger)
  try {
    const migrations = await readMigrationFolder(MIGRATIONS)
    const migrator = new Migrator({ database: opened.database, migrations, logger })
    if (migrates || location.url === undefined) await migrator.up()
    else {
      const report = await requireKnown(migrator, migrations, logger)
      requireNothingPending(report)
    }
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

/**
 * Refuses a schema that is not what the files of this release made, save for what a later release has added to it: while
 * that one is rolled out, and after it was rolled back, processes of this one start.
 */
async function requireKnown(
  migrator: Migrator,
  migrations: readonly Migration[],
  logger: Logger,
): Promise<StatusReport> {
  const report = await migrator.status()
  const newest = Math.max(...migrations.map(({ version }) => version))
  const later = report.problems.filter(({ details }) => Number(details.version) > newest)
  if (later.length < report.problems.length) return await migrator.verify()
  if (later.length > 0) {
    const versions = [...new Set(later.map(({ details }) => details.version))]
    logger.warn({ versions }, 'the schema is of a later release')
  }
  return report
}

function requireNothingPending({ pending }: StatusReport): void {
  if (pending.length === 0) return
  const names = pending.map(({ version, name }) => `${String(version).padStart(3, '0')} ${name}`)
  throw new StartRefusal(
    `the schema is not up to date, ${pending.length} migrations wait: ${names.join(', ')}. Apply them with ` +
      'npm run migrate -- up, or start with --migrate.',
  )
}

async function openFolder(folder: string): Promise<OpenedDatabase> {
  mkdirSync(folder, { recursive: true })
  // Loaded here: a process beside a server has no use for it.
  const { PGlite } = await import('@electric-sql/pglite')
  // V8 can end the process when it frees code of WebAssembly: https://github.com/nodejs/node/issues/64500.
  setFlagsFromString('--no-wasm-code-gc')
  const startParams = durableStartParams(PGlite.defaultStartParams)
  const database = await PgliteDatabase.open({
    folder,
    create: (dataDir) => PGlite.create({ dataDir, startParams }),
  })
  return { database, isExclusive: true, close: () => database.close() }
}

function openServer(connectionString: string, logger: Logger): OpenedDatabase {
  const pool = new pg.Pool({
    connectionString,
    max: POOL_SIZE,
    min: IDLE_CONNECTIONS,
    // What lies idle for long may be cut off on its way with no word of it.
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'golden-architecture',
    onConnect: endWithClient,
  })
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection failed'))
  return { database: new PgDatabase({ pool }), isExclusive: false, close: () => pool.end() }
}
