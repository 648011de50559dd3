import type { StartedService } from '../service.ts'
import { askNatsVersion, natsAddress, natsRecipe } from './nats-recipe.ts'
import { startService } from './start-service.ts'

/**
 * Starts a nats-server of our own, at least 2.10, with JetStream; never the one of `TEST_NATS_URL`.
 * Stop it in the end; should this process die first, the server dies with it. Throws `ServiceUnavailableError`.
 */
export function startNats(): Promise<StartedService> {
  return startService({
    name: 'nats',
    password: '',
    recipe: natsRecipe,
    address: natsAddress,
    askVersion: askNatsVersion,
  })
}
