import type { StartedService } from '../service.ts'
import { randomPassword } from './postgres-recipe.ts'
import { askRedisVersion, redisAddress, redisRecipe } from './redis-recipe.ts'
import { startService } from './start-service.ts'

/**
 * Starts a Redis of our own, at least 7, with a password and an append-only file; never the one of `TEST_REDIS_URL`.
 * Stop it in the end; should this process die first, the server dies with it. Throws `ServiceUnavailableError`.
 */
export function startRedis(): Promise<StartedService> {
  const password = randomPassword()
  return startService({
    name: 'redis',
    password,
    recipe: (programs) => redisRecipe(programs, password),
    address: (port) => redisAddress(port, password),
    askVersion: askRedisVersion,
  })
}
