import { floorText, isAcceptable } from '../programs/program-version.ts'
import type { Service, ServiceName } from '../service.ts'
import { reasonOf, ServiceUnavailableError } from '../service-error.ts'
import { askDockerVersion } from './docker-recipe.ts'
import { askPrometheusVersion } from './find-prometheus.ts'
import { askNatsVersion } from './nats-recipe.ts'
import { askPostgresVersion } from './postgres-recipe.ts'
import { askRedisVersion } from './redis-recipe.ts'
import { askBubblewrapVersion } from './start-bubblewrap.ts'
import { askChromiumVersion } from './start-chromium.ts'

/** The variable that names a running service, and how to ask it for its version. */
export const ENVIRONMENT: Readonly<
  Record<ServiceName, { readonly variable: string; askVersion(address: string): Promise<string> }>
> = {
  postgres: { variable: 'TEST_DATABASE_URL', askVersion: askPostgresVersion },
  redis: { variable: 'TEST_REDIS_URL', askVersion: askRedisVersion },
  nats: { variable: 'TEST_NATS_URL', askVersion: askNatsVersion },
  bubblewrap: { variable: 'TEST_BUBBLEWRAP_URL', askVersion: askBubblewrapVersion },
  chromium: { variable: 'TEST_CHROMIUM_URL', askVersion: askChromiumVersion },
  prometheus: { variable: 'TEST_PROMETHEUS_URL', askVersion: askPrometheusVersion },
  docker: { variable: 'DOCKER_HOST', askVersion: askDockerVersion },
}

/**
 * The service that the environment names, or undefined when it names none. It is somebody else's: used, never stopped,
 * never emptied. One that is named and does not answer, or is too old, throws: another one would be a surprise.
 */
export async function findEnvironmentService(
  name: ServiceName,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Service | undefined> {
  const { variable, askVersion } = ENVIRONMENT[name]
  const address = environment[variable]
  if (address === undefined || address === '') return undefined
  const refuse = (reason: string): never => {
    throw new ServiceUnavailableError(name, [{ way: 'environment', reason: `${variable}: ${reason}` }])
  }
  const version = await askVersion(address).catch((error: unknown) => refuse(reasonOf(error)))
  if (!isAcceptable(name, version)) return refuse(`version ${version}; wanted: at least ${floorText(name)}`)
  return { name, address, version, how: 'environment' }
}
