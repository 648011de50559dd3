import type { jetstream } from '@nats-io/jetstream'
import type { headers } from '@nats-io/transport-node'

/** The two functions that are needed beside a connection. */
export interface NatsFunctions {
  readonly jetstream: typeof jetstream
  readonly headers: typeof headers
}

/**
 * Loads them from the optional peers `@nats-io/jetstream` and `@nats-io/transport-node`, on first use, so that those who
 * use another broker need neither.
 */
export async function loadNatsFunctions(): Promise<NatsFunctions> {
  const [streams, transport] = await Promise.all([
    import('@nats-io/jetstream'),
    import('@nats-io/transport-node'),
  ])
  return { jetstream: streams.jetstream, headers: transport.headers }
}
