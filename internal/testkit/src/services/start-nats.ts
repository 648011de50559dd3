import type { StartedService } from '../service.ts'
import { askNatsVersion, type NatsAuthorization, natsAddress, natsRecipe } from './nats-recipe.ts'
import { startService } from './start-service.ts'

/** How a NATS server of ours runs. */
export interface StartNatsOptions {
  /** Whether it waits for the disk before it acknowledges. Default false, as the server does by itself. */
  readonly fsync?: boolean
  /** Whom it lets in. Default: everybody. */
  readonly authorization?: NatsAuthorization
}

/**
 * Starts a nats-server of our own, at least 2.10, with JetStream; never the one of `TEST_NATS_URL`.
 * Stop it in the end; should this process die first, the server dies with it. Throws `ServiceUnavailableError`.
 */
export function startNats(options: StartNatsOptions = {}): Promise<StartedService> {
  const { fsync = false, authorization } = options
  return startService({
    name: 'nats',
    password: '',
    // The server takes these settings from a file alone, and the image of compose.yaml has none.
    needsRecipe: fsync || authorization !== undefined,
    recipe: (programs) => natsRecipe(programs, fsync, { authorization }),
    address: natsAddress,
    askVersion: askNatsVersion,
  })
}
