import type { JetStreamApiError, jetstream } from '@nats-io/jetstream'
import type { createInbox, headers } from '@nats-io/transport-node'

/** What is needed of the client beside a connection. */
export interface NatsFunctions {
  readonly jetstream: typeof jetstream
  readonly JetStreamApiError: typeof JetStreamApiError
  readonly headers: typeof headers
  readonly createInbox: typeof createInbox
}

/**
 * Loads them from the optional peers `@nats-io/jetstream` and `@nats-io/transport-node`, on first use, so that those who
 * use another broker need neither.
 */
export async function loadNatsFunctions(): Promise<NatsFunctions> {
  const [{ jetstream, JetStreamApiError }, { headers, createInbox }] = await Promise.all([
    import('@nats-io/jetstream'),
    import('@nats-io/transport-node'),
  ])
  return { jetstream, JetStreamApiError, headers, createInbox }
}
