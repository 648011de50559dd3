import { GoldenError } from '@golden-arch/core/errors'

/** Codes of {@link JetStreamSupportError}. */
export type JetStreamSupportErrorCode = 'NATS_SERVER_TOO_OLD' | 'JETSTREAM_DISABLED'

/**
 * The server cannot carry the broker: `NATS_SERVER_TOO_OLD` (`details.version` is below `details.leastVersion`) or
 * `JETSTREAM_DISABLED`. Not retryable.
 */
export class JetStreamSupportError extends GoldenError<JetStreamSupportErrorCode> {}

/** What a server says of itself when a client connects. */
export interface NatsServerInfo {
  readonly version: string
  readonly jetstream?: boolean
  readonly max_payload: number
}

/** What the server can do beyond the least that is needed. */
export interface JetStreamSupport {
  /** Whether messages can be stored together, all or none. */
  readonly hasAtomicBatches: boolean
}

const LEAST = [2, 10]
const LEAST_WITH_BATCHES = [2, 12]

/**
 * Tells from a server's greeting what can be relied on. Before 2.10 a termination with a reason is ignored and a stream
 * cannot be synced at once.
 * @throws JetStreamSupportError `NATS_SERVER_TOO_OLD`, `JETSTREAM_DISABLED`.
 */
export function requireJetStreamSupport(info: NatsServerInfo): JetStreamSupport {
  const { version } = info
  if (isBelow(version, LEAST)) {
    throw new JetStreamSupportError({
      code: 'NATS_SERVER_TOO_OLD',
      message: `nats-server ${version} is below ${LEAST.join('.')}`,
      details: { version, leastVersion: LEAST.join('.') },
    })
  }
  if (info.jetstream !== true) {
    const message = 'JetStream is off on this nats-server'
    throw new JetStreamSupportError({ code: 'JETSTREAM_DISABLED', message, details: { version } })
  }
  return { hasAtomicBatches: !isBelow(version, LEAST_WITH_BATCHES) }
}

function isBelow(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10))
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0
    if (Number.isNaN(part) || part < wanted) return true
    if (part > wanted) return false
  }
  return false
}
