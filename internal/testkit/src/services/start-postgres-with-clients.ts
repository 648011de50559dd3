import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Programs } from '../programs/programs.ts'
import { type ServerRecipe, startPrivateServer } from '../server/private-server.ts'
import type { StartedService } from '../service.ts'
import { findPrograms } from './find-programs.ts'
import { postgresAddress, postgresRecipe, randomPassword } from './postgres-recipe.ts'

/** A PostgreSQL of our own, and where its programs are. */
export interface PostgresWithClients {
  readonly service: StartedService
  /** With the clients beside the server, of the same version. */
  readonly programs: Programs
  /** Starts another server of the same programs and password, by a recipe that is made of the first one's. */
  startBeside(change: (recipe: ServerRecipe) => ServerRecipe): Promise<StartedService>
}

const CLIENTS = ['psql', 'pg_dump', 'pg_restore', 'pg_basebackup']

/** Finds the programs of a PostgreSQL, clients and server of one version. Throws `ServiceUnavailableError`. */
export async function findPostgresWithClients(): Promise<Programs> {
  return await findPrograms('postgres', async (programs) => {
    const missing = CLIENTS.filter((program) => !existsSync(join(programs.folder, program)))
    if (missing.length > 0) throw new Error(`no ${missing.join(', ')} beside the server`)
    return programs
  })
}

/**
 * Starts a PostgreSQL whose client programs are here too: a dump is made and read by programs of its server's version. Never
 * by Docker, nor by the npm package, which has no clients. Throws `ServiceUnavailableError`.
 */
export async function startPostgresWithClients(): Promise<PostgresWithClients> {
  const programs = await findPostgresWithClients()
  const password = randomPassword()
  const recipe = postgresRecipe(programs, { fsync: false, password })
  const start = async (own: ServerRecipe): Promise<StartedService> => {
    const { port, version, ...server } = await startPrivateServer(own)
    return {
      name: 'postgres',
      how: programs.how,
      address: postgresAddress(port, password),
      version,
      ...server,
    }
  }
  return { service: await start(recipe), programs, startBeside: (change) => start(change(recipe)) }
}
