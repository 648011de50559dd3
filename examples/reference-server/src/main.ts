import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import {
  configurationHelp,
  isDemo,
  readConfiguration,
  requireOwnSecrets,
  secretsOf,
} from './configuration.ts'
import { serve } from './serve.ts'
import { createServerLog } from './server-log.ts'
import { startFailure } from './start-failure.ts'

const ENV_FILE = join(import.meta.dirname, '..', '.env')

const HELP = `Usage: npm start [-- --help]

Starts the reference server: an API that takes coding tasks, and a page that shows them.
It is told by its environment, and by examples/reference-server/.env where the environment says nothing:

${configurationHelp()}

Each may be given as NAME_FILE instead, the path of a file that holds the value.`

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } })
  if (values.help) console.log(HELP)
  else await start()
} catch (error) {
  console.error(startFailure(error))
  console.error('npm start -- --help tells what can be set.')
  process.exitCode = 1
}

async function start(): Promise<void> {
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE)
  const configuration = readConfiguration(process.env)
  requireOwnSecrets(configuration)
  const logger = createServerLog(configuration.LOG_LEVEL, secretsOf(configuration), pino.destination(2))
  const server = await serve(configuration, logger)
  console.log(`Golden Architecture listens on ${server.address}`)
  console.log(`Status page: ${server.address}/status`)
  const { username, password } = server.signIn
  if (configuration.ADMIN_PASSWORD === undefined) console.log(`Demo sign-in: ${username} / ${password}`)
  if (isDemo(configuration))
    console.log('This is a demo: secrets of its own making, for this start alone, on loopback only.')
  console.log('Next: sign in on the page and post a task, as examples/reference-server/README.md shows.')
  const stop = (): void => {
    server.stop().catch((error: unknown) => {
      logger.error({ err: error }, 'stopping failed')
      process.exitCode = 1
    })
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}
