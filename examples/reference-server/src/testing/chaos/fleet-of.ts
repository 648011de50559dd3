import { randomBytes } from 'node:crypto'
import { SERVER_ROLES, type ServerRole } from '../../server-role.ts'
import type { ChaosServices } from './chaos-services.ts'
import { ServerFleet } from './server-fleet.ts'

/** Of the administrator of a fleet. */
export const FLEET_PASSWORD = 'nine herons over a frozen lake'

/** Which processes a fleet has. */
export interface FleetOptions {
  /** Default all. */
  readonly roles?: readonly ServerRole[]
  /** Fleets with one secret are one server. Default one of its own. */
  readonly secret?: string
}

/** The server's processes, which have not started yet, beside these services. */
export function fleetOf(
  { postgres, redis, nats, model }: ChaosServices,
  { roles = SERVER_ROLES, secret = randomBytes(32).toString('hex') }: FleetOptions = {},
): ServerFleet {
  const environment = {
    DATABASE_URL: postgres.address,
    REDIS_URL: redis.address,
    NATS_URL: nats.address,
    MODEL_BASE_URL: model.baseUrl,
    MODEL_API_KEY: model.apiKey,
    MODEL_NAME: 'scripted',
    JWT_SECRET: secret,
    ADMIN_PASSWORD: FLEET_PASSWORD,
    RATE_LIMITS: 'admin=100000,anonymous=100000',
    START_TIMEOUT_MS: '3600000',
    SHUTDOWN_TIMEOUT_MS: '120000',
  }
  return new ServerFleet(environment, roles)
}
