import { readFile } from 'node:fs/promises'
import { InvalidOptionError, isGoldenError } from '../errors/index.ts'
import { PgDatabase, type PgPool, type SqlDatabase } from '../storage/index.ts'
import { CLI_USAGE, type MigrateArguments, readMigrateArguments } from './cli-arguments.ts'
import { hasProblems, migrateLines, runMigrateCommand } from './migrate-command.ts'
import { MigrationError } from './migration-error.ts'
import { Migrator } from './migrator.ts'
import { readMigrationFolder } from './read-migration-folder.ts'

/** An open database and how to let go of it. */
export interface CliConnection {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** The world of the command line. */
export interface CliSurroundings {
  /** The words after the program's name. */
  readonly argv: readonly string[]
  /** Where `DATABASE_URL` or `DATABASE_URL_FILE` is. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Takes a line for the reader. */
  readonly say: (line: string) => void
  /** Takes a line about what went wrong. */
  readonly complain: (line: string) => void
  /** Opens the database. Default: the package `pg`, which must be installed beside this one. */
  readonly connect?: ((address: string) => Promise<CliConnection>) | undefined
}

/**
 * Runs one migration command and resolves with the exit code: 0 done, 1 refused or failed, 2 not understood. It never
 * rejects, and never prints the address of the database.
 */
export async function runMigrateCli(surroundings: CliSurroundings): Promise<number> {
  const { argv, environment, complain, connect = connectPg } = surroundings
  const reading = readMigrateArguments(argv)
  const address = textOf(environment.DATABASE_URL)
  const addressFile = textOf(environment.DATABASE_URL_FILE)
  if (!reading.ok || (address ?? addressFile) === undefined) {
    complain(reading.ok ? 'neither DATABASE_URL nor DATABASE_URL_FILE is set' : reading.reason)
    complain(CLI_USAGE)
    return 2
  }
  try {
    const connection = await connect(address ?? (await addressIn(addressFile ?? '')))
    let isClosed = true
    const exitCode = await runCommand(reading.arguments, connection.database, surroundings.say).finally(() =>
      connection.close().catch((error: unknown) => {
        isClosed = false
        complain(String(error))
      }),
    )
    return isClosed ? exitCode : 1
  } catch (error) {
    complain(isGoldenError(error) ? `${error.code}: ${error.message}` : String(error))
    return 1
  }
}

/** The text without blanks around it; undefined where there is none, so that no client falls back to a database of its own. */
function textOf(text: string | undefined): string | undefined {
  return text?.trim() || undefined
}

async function addressIn(file: string): Promise<string> {
  const address = textOf(await readFile(file, 'utf8'))
  if (address === undefined)
    throw new InvalidOptionError('DATABASE_URL_FILE', 'a file that holds an address', file)
  return address
}

async function runCommand(
  options: MigrateArguments,
  database: SqlDatabase,
  say: CliSurroundings['say'],
): Promise<number> {
  const { lockWaitMs } = options
  const folders = await Promise.all(options.folders.map(readMigrationFolder))
  const migrations = folders.flat()
  const migrator = new Migrator({ database, migrations, ...(lockWaitMs === undefined ? {} : { lockWaitMs }) })
  const outcome = await runMigrateCommand(migrator, options)
  for (const line of migrateLines(outcome)) say(line)
  return hasProblems(outcome) ? 1 : 0
}

/** What we use of the module `pg`. */
interface PgModule {
  readonly default: {
    readonly Pool: new (config: {
      connectionString: string
      max: number
    }) => PgPool & { end(): Promise<void> }
  }
}

async function connectPg(address: string): Promise<CliConnection> {
  // Named by a variable, so that a bundler leaves it to be found at run time, beside the application.
  const client = 'pg'
  // The cast states the part of pg 8 that is used here; its class fits the structural type of the storage adapter.
  const { default: pg } = await (import(client) as Promise<PgModule>).catch((cause: unknown) => {
    throw new MigrationError({
      code: 'MIGRATION_CLIENT_MISSING',
      message: 'the package pg is not installed; add it to your application: npm install pg',
      cause,
    })
  })
  const pool = new pg.Pool({ connectionString: address, max: 1 })
  return { database: new PgDatabase({ pool }), close: () => pool.end() }
}
