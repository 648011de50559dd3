import type { Service, ServiceName } from '../service.ts'
import { allowedWays } from './allowed-ways.ts'
import { findEnvironmentService } from './environment-service.ts'
import { findPrometheus } from './find-prometheus.ts'
import { startBubblewrap } from './start-bubblewrap.ts'
import { startChromium } from './start-chromium.ts'
import { startDocker } from './start-docker.ts'
import { startNats } from './start-nats.ts'
import { startPostgres } from './start-postgres.ts'
import { startRedis } from './start-redis.ts'

const START = {
  postgres: () => startPostgres(),
  redis: startRedis,
  nats: startNats,
  docker: startDocker,
  bubblewrap: startBubblewrap,
  chromium: startChromium,
  prometheus: findPrometheus,
} as const

/** A service, and how to give it back. */
export interface ProvidedService {
  readonly service: Service
  /** Stops it if we started it. */
  release(): Promise<void>
}

/** The service that the environment names, else one of our own. Throws `ServiceUnavailableError`. */
export async function provideService(name: ServiceName): Promise<ProvidedService> {
  const found = allowedWays().has('environment') ? await findEnvironmentService(name) : undefined
  if (found !== undefined) return { service: found, release: async () => undefined }
  const service = await START[name]()
  return { service, release: () => service.stop() }
}
