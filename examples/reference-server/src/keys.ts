/**
 * Lists and revokes the keys that sign access tokens, and signs everybody out. Usage: npm run keys -- list; see
 * `identity/keys-command.ts`. It is told by the environment as the gateway is.
 */
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@golden-arch/core/observability'
import { readConfiguration } from './configuration.ts'
import { runKeysCommand } from './identity/keys-command.ts'
import { openDatabase } from './open-database.ts'
import { TENANT } from './open-server-context.ts'
import { startFailure } from './start-failure.ts'

const ENV_FILE = join(import.meta.dirname, '..', '.env')

try {
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE)
  const configuration = readConfiguration(process.env)
  const { DATABASE_URL: url, DATA_DIR: folder } = configuration
  const { database, close } = await openDatabase({ url, folder }, silentLogger)
  try {
    await runKeysCommand({
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

/** Who acts: as OPERATOR says, for a shell in a container knows nobody, else the person at the keyboard. */
function actorOf({ OPERATOR: name }: Readonly<Record<string, string | undefined>>): string {
  return name === undefined || name === '' ? userInfo().username : name
}
