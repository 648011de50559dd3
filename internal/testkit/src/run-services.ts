/**
 * Starts the services of the tests for a developer, prints the variables that name them, and stops them on Ctrl-C.
 * A service that the environment already names is left alone. Usage: npm run services
 */

import type { ServiceName } from './service.ts'
import { SERVICE_NAMES } from './service.ts'
import { reasonOf } from './service-error.ts'
import { ENVIRONMENT } from './services/environment-service.ts'
import { provideService } from './services/provide-service.ts'

const interrupted = new Promise<void>((resolve) => {
  process.once('SIGINT', resolve)
  process.once('SIGTERM', resolve)
})
const keepAlive = setInterval(() => undefined, 60_000)

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

const releases = await Promise.all(SERVICE_NAMES.map(announce))
console.log('# Ctrl-C stops what was started here')
await interrupted
clearInterval(keepAlive)
await Promise.all(releases.map((release) => release()))
