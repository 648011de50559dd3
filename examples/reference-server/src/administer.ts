import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Configuration, readConfiguration } from './configuration.ts'
import { databaseLocation, openDatabase } from './open-database.ts'
import { TENANT } from './open-server-context.ts'
import { startFailure } from './start-failure.ts'

/** What a command of an administrator works with. */
export interface Administration {
  readonly argv: readonly string[]
  readonly configuration: Configuration
  readonly database: SqlDatabase
  /** Tenant of the administrator of the server. */
  readonly tenantId: string
  /** Who acts, as the audit log names them. */
  readonly actor: string
  readonly say: (line: string) => void
}

const ENV_FILE = join(import.meta.dirname, '..', '.env')

/** Runs a command beside the server's database, told by the environment as the server is; what fails ends with exit code 1. */
export async function administer(command: (work: Administration) => Promise<void>): Promise<void> {
  try {
    if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE)
    const configuration = readConfiguration(process.env)
    const { database, close } = await openDatabase(databaseLocation(configuration), silentLogger)
    try {
      await command({
        argv: process.argv.slice(2),
        configuration,
        database,
        tenantId: TENANT,
        actor: actorOf(process.env),
        say: (line) => console.log(line),
      })
    } finally {
      await close()
    }
  } catch (error) {
    console.error(startFailure(error))
    process.exitCode = 1
  }
}

/** Who acts: as OPERATOR says, for a shell in a container knows nobody, else the person at the keyboard. */
function actorOf({ OPERATOR: name }: Readonly<Record<string, string | undefined>>): string {
  return name === undefined || name === '' ? userInfo().username : name
}
