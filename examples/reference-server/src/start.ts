import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { silentTracer } from '@golden-arch/core/observability'
import { pino } from 'pino'
import {
  type Configuration,
  configurationHelp,
  readConfiguration,
  requireServable,
  secretsOf,
} from './configuration.ts'
import { type RunningServer, serve } from './serve.ts'
import { createServerLog } from './server-log.ts'
import { SERVER_VERSION } from './server-version.ts'
import { answersFromRecording, isDemo } from './serving-rules.ts'
import { startFailure } from './start-failure.ts'
import { reactToStopSignals } from './stop-signals.ts'
import { startTelemetry, traceSecretsOf } from './telemetry/start-telemetry.ts'

const ENV_FILE = join(import.meta.dirname, '..', '.env')

const HELP = `Usage: npm start [-- --roles gateway,orchestrator] [--migrate] [--help]

Starts the reference server: an API that takes coding tasks, and a page that shows them.
It is told by its environment, and by examples/reference-server/.env where the environment says nothing:

${configurationHelp()}

Each may be given as NAME_FILE instead, the path of a file that holds the value. --roles goes before ROLES, and --migrate
before MIGRATE.`

try {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      roles: { type: 'string' },
      migrate: { type: 'boolean' },
    },
  })
  if (values.help) console.log(HELP)
  else await start(values)
} catch (error) {
  console.error(startFailure(error))
  console.error('npm start -- --help tells what can be set.')
  process.exitCode = 1
}

async function start({ roles, migrate }: { roles?: string; migrate?: boolean }): Promise<void> {
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE)
  const configuration = readConfiguration({
    ...process.env,
    ...(roles === undefined ? {} : { ROLES: roles }),
    ...(migrate === undefined ? {} : { MIGRATE: String(migrate) }),
  })
  requireServable(configuration)
  let tracer = silentTracer
  const secrets = [...secretsOf(configuration), ...traceSecretsOf(process.env)]
  const logger = createServerLog(configuration.LOG_LEVEL, secrets, pino.destination(2), () =>
    tracer.activeContext(),
  )
  let stop: ((exitCode: number) => Promise<void>) | undefined
  let isStopping = false
  reactToStopSignals((endNow) => {
    // While it starts there is nothing in hand; the second word of a stop means at once.
    if (stop === undefined || isStopping) endNow()
    else void stop(0)
  })
  const { ROLES } = configuration
  const telemetry = await startTelemetry({
    environment: process.env,
    roles: ROLES,
    version: SERVER_VERSION,
    logger,
  })
  tracer = telemetry.tracer
  const server = await serve(configuration, logger, tracer)
  stop = async (exitCode) => {
    isStopping = true
    const left = await server.stop().catch((error: unknown) => {
      logger.error({ err: error }, 'stopping failed')
      return server.roles
    })
    await telemetry.close()
    // Whatever still holds the process has had its time.
    process.exit(left.length > 0 ? 1 : exitCode)
  }
  const fail = stop
  server.failure.catch(() => (isStopping ? undefined : fail(1)))
  announce(server, configuration)
}

function announce(server: RunningServer, configuration: Configuration): void {
  if (server.watchAddress !== undefined) console.log(`Metrics and health: ${server.watchAddress}`)
  if (server.roles.includes('agent-runtime') && answersFromRecording(configuration))
    console.log(
      'The model is a recording that knows the tasks of the demo alone: set MODEL_BASE_URL for others.',
    )
  if (server.address === undefined || server.signIn === undefined) {
    console.log(`Golden Architecture runs ${server.roles.join(', ')}`)
    return
  }
  console.log(`Golden Architecture listens on ${server.address}`)
  console.log(`Console: ${server.address}/console/`)
  const { username, password } = server.signIn
  if (configuration.ADMIN_PASSWORD === undefined) console.log(`Demo sign-in: ${username} / ${password}`)
  if (isDemo(configuration))
    console.log('This is a demo: secrets of its own making, for this start alone, on loopback only.')
  console.log('Next: sign in there and post a task, as examples/reference-server/README.md shows.')
}
