import type { Logger } from '@golden-arch/core/observability'
import {
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node'

/** Where NATS is, and by what it knows us. */
export interface NatsLocation {
  /** `nats://` or `tls://` addresses with commas; a user and password, or a token, may stand in the first. */
  readonly url: string
  /** The text of a credentials file. Default none. */
  readonly credentials?: string | undefined
}

const CONNECT_TIMEOUT_MS = 3000
const RECONNECT_WAIT_MS = 500
/** Without a sign of life for two of these, the connection counts as lost. */
const PING_INTERVAL_MS = 5000

/** What the client is told for this location. Throws where an address cannot be read. */
export function natsOptions({ url, credentials }: NatsLocation): NodeConnectionOptions {
  const addresses = url.split(',').map((address) => new URL(address.trim()))
  const { username = '', password = '' } = addresses[0] ?? {}
  const user = decodeURIComponent(username)
  return {
    servers: addresses.map(({ host }) => host),
    ...(addresses.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}),
    ...(user === '' ? {} : password === '' ? { token: user } : { user, pass: decodeURIComponent(password) }),
    ...(credentials === undefined
      ? {}
      : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
  }
}

/** Connects once. Later outages are mended by the client itself, for as long as they take. */
export async function openNats(location: NatsLocation, logger: Logger): Promise<NatsConnection> {
  const connection = await connect({
    ...natsOptions(location),
    name: 'golden-architecture',
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
  })
  void watch(connection, logger)
  return connection
}

/** Tells of outages and their ends until the connection is closed. */
async function watch(connection: NatsConnection, logger: Logger): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') logger.warn({}, 'NATS does not answer')
    if (type === 'reconnect') logger.info({}, 'NATS answers again')
  }
}
