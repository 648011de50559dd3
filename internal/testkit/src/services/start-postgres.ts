import type { StartedService } from '../service.ts'
import { askPostgresVersion, postgresAddress, postgresRecipe, randomPassword } from './postgres-recipe.ts'
import { startService } from './start-service.ts'

/** A major version of PostgreSQL that the product supports. */
export type PostgresVersion = '14' | '15' | '16' | '17' | '18'

/** Which PostgreSQL to start. */
export interface StartPostgresOptions {
  /** Default: the first that is found, at least 14. */
  readonly version?: PostgresVersion
  /** Whether it waits for the disk. Default false: only a machine that loses power would tell the difference. */
  readonly fsync?: boolean
}

/**
 * Starts a PostgreSQL of our own, with a database, a superuser and a password; never the one of `TEST_DATABASE_URL`.
 * Stop it in the end; should this process die first, the server dies with it. Throws `ServiceUnavailableError`.
 */
export function startPostgres(options: StartPostgresOptions = {}): Promise<StartedService> {
  const settings = { fsync: options.fsync ?? false, password: randomPassword() }
  return startService({
    name: 'postgres',
    major: options.version,
    password: settings.password,
    composeVariables: {
      POSTGRES_VERSION: options.version ?? '17',
      POSTGRES_FSYNC: settings.fsync ? 'on' : 'off',
    },
    recipe: (programs) => postgresRecipe(programs, settings),
    address: (port) => postgresAddress(port, settings.password),
    askVersion: askPostgresVersion,
  })
}
