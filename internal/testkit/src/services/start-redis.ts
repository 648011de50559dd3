import type { StartedService } from '../service.ts'
import { randomPassword } from './postgres-recipe.ts'
import { askRedisVersion, redisAddress, redisRecipe } from './redis-recipe.ts'
import { startService } from './start-service.ts'

/** How a Redis of ours runs. */
export interface StartRedisOptions {
  /** Whether it waits for the disk before it answers. Default false: once in a second. */
  readonly fsync?: boolean
}

/**
 * Starts a Redis of our own, at least 7, with a password and an append-only file; never the one of `TEST_REDIS_URL`.
 * Stop it in the end; should this process die first, the server dies with it. Throws `ServiceUnavailableError`.
 */
export function startRedis(options: StartRedisOptions = {}): Promise<StartedService> {
  const settings = { fsync: options.fsync ?? false, password: randomPassword() }
  return startService({
    name: 'redis',
    password: settings.password,
    composeVariables: { REDIS_APPENDFSYNC: settings.fsync ? 'always' : 'everysec' },
    recipe: (programs) => redisRecipe(programs, settings),
    address: (port) => redisAddress(port, settings.password),
    askVersion: askRedisVersion,
  })
}
