/**
 * Starts the services of the tests for a developer, prints the variables that name them, and stops them on Ctrl-C.
 * A service that the environment already names is left alone. Usage: npm run services -- [service …]
 */

import { parseArgs } from 'node:util'
import type { ServiceName } from './service.ts'
import { SERVICE_NAMES } from './service.ts'
import { reasonOf } from './service-error.ts'
import { ENVIRONMENT } from './services/environment-service.ts'
import { provideService } from './services/provide-service.ts'

const USAGE = `Usage: npm run services -- [service …]

Starts services for development, prints the variables that name them, and stops them on Ctrl-C. Those that the environment
names are left alone. Services: ${SERVICE_NAMES.join(', ')}. Without a name: all.`

const wanted = wantedServices()
const interrupted = new Promise<void>((resolve) => {
  process.once('SIGINT', resolve)
  process.once('SIGTERM', resolve)
})
const keepAlive = setInterval(() => undefined, 60_000)

/** The services of the command line; ends the process where it names none that we know. */
function wantedServices(): readonly ServiceName[] {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  })
  const names = SERVICE_NAMES.filter((name) => positionals.includes(name))
  const isUnderstood = names.length === new Set(positionals).size
  if (isUnderstood && !values.help) return names.length === 0 ? SERVICE_NAMES : names
  console.log(USAGE)
  process.exit(isUnderstood ? 0 : 2)
}

async function announce(name: ServiceName): Promise<() => Promise<void>> {
  try {
    const { service, release } = await provideService(name)
    console.log(
      `export ${ENVIRONMENT[name].variable}='${service.address}'  # ${service.version}, ${service.how}`,
    )
    return release
  } catch (error) {
    console.error(`# ${reasonOf(error)}`)
    process.exitCode = 1
    return async () => undefined
  }
}

const releases = await Promise.all(wanted.map(announce))
console.log('# Ctrl-C stops what was started here')
await interrupted
clearInterval(keepAlive)
await Promise.all(releases.map((release) => release()))
