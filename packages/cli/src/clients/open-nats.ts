import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node'
import { addressMissing } from '../surroundings/addresses.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { loadClient } from './load-client.ts'
import { unreachable } from './unreachable.ts'

const CONNECT_TIMEOUT_MS = 5000

/** What we use of `@nats-io/transport-node`. */
interface NatsModule {
  connect(options: NodeConnectionOptions): Promise<NatsConnection>
}

/**
 * Runs `work` with a connection to the NATS that is configured, and closes it. A user and password, or a token, may
 * stand in the first address.
 * @throws CliError `ADDRESS_MISSING`, `CLIENT_MISSING`, `DEPENDENCY_UNREACHABLE`; what `work` throws.
 */
export async function withNats<T>(
  context: CommandContext,
  work: (connection: NatsConnection) => Promise<T>,
): Promise<T> {
  const address = await context.addressOf('nats')
  if (address === undefined) throw addressMissing('nats')
  const client = await loadClient<NatsModule>('@nats-io/transport-node', context.folder)
  context.terminal.progress('connecting to NATS')
  const connection = await connectTo(client, address)
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

async function connectTo(client: NatsModule, address: string): Promise<NatsConnection> {
  try {
    return await client.connect({
      ...optionsOf(address),
      name: 'golden-arch',
      timeout: CONNECT_TIMEOUT_MS,
      reconnect: false,
      maxReconnectAttempts: 0,
    })
  } catch (error) {
    throw unreachable('nats', address, error)
  }
}

/** What the client is told for these addresses. Throws where one cannot be read. */
function optionsOf(addresses: string): NodeConnectionOptions {
  const urls = addresses.split(',').map((address) => new URL(address.trim()))
  const { username = '', password = '' } = urls[0] ?? {}
  const user = decodeURIComponent(username)
  return {
    servers: urls.map(({ host }) => host),
    ...(urls.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}),
    ...(user === '' ? {} : password === '' ? { token: user } : { user, pass: decodeURIComponent(password) }),
  }
}
