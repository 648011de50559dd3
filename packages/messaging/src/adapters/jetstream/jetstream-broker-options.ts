import {
  type Complete,
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireOneOf,
  withDefaults,
} from '@golden-arch/core/errors'
import { type AlertSink, type Logger, silentAlertSink, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { NatsConnection } from '@nats-io/transport-node'
import { requireStreamName } from '../../streams/stream-definition.ts'
import { requireSubject } from '../../streams/subject-pattern.ts'

/** What a `JetStreamBroker` is made of. */
export interface JetStreamBrokerOptions {
  /** A connection of `@nats-io/transport-node`, open, to nats-server 2.10 or newer. Never closed here. */
  readonly connection: NatsConnection
  /**
   * What an acknowledged message survives on this server. Default `process-crash`, which is what a server does by
   * itself: it acknowledges before the disk has the message. Say `power-loss` where `sync_interval: always` is set or
   * `replicas` stand in different places; from nats-server 2.12 on, what is published at once to a stream that this broker
   * has ensured is then stored in batches, which share the flushes of the disk.
   */
  readonly durability?: 'process-crash' | 'power-loss' | undefined
  /**
   * Copies of each stream, 1, 3 or 5, on as many servers of a cluster. Streams that have fewer get more; those that have
   * more keep them, and are reported. Default 1.
   */
  readonly replicas?: 1 | 3 | 5 | undefined
  /** Milliseconds that a publication may take, 1 to 600000. Default 10000 (10 seconds). */
  readonly publishTimeoutMs?: number | undefined
  /** Publications that may wait at once, 1 to 1000000; one more is refused. Default 10000. */
  readonly maxQueueLength?: number | undefined
  /**
   * Whether an acknowledgement of a delivery is itself acknowledged. `double` costs a round trip and narrows the repeats
   * after a crash. Default `single`.
   */
  readonly acknowledge?: 'single' | 'double' | undefined
  /**
   * Deliveries that the server makes beyond a consumer's attempts, 1 to 100000: those that were prefetched and never
   * started, and those of crashes. Beyond them the server gives a message up and the reconciler makes it a dead letter.
   * Default 100.
   */
  readonly deliveryMargin?: number | undefined
  /** Stream of the dead letters, which the recorder reads. Default `DLQ`. */
  readonly deadLetterStream?: string | undefined
  /** First words of its subjects. Default `dlq`. */
  readonly deadLetterSubject?: string | undefined
  /** Bytes that it holds at most, from 1048576; beyond, messages stay where they are and come again. Default unlimited. */
  readonly deadLetterMaxBytes?: number | undefined
  /** Stream of what the server says of messages that it gave up, which the reconciler reads. Default `DLQ_ADVISORIES`. */
  readonly advisoryStream?: string | undefined
  /**
   * Told of dead letters that could not be handed over, of their stream when it is nearly full, of a consumer that nobody attends,
   * and of streams that were lost. Default: none.
   */
  readonly alerts?: AlertSink | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default the system clock. */
  readonly clock?: Clock | undefined
}

/** What the broker may rely on. */
export type ResolvedJetStreamBrokerOptions = Complete<JetStreamBrokerOptions, never, 'deadLetterMaxBytes'>

/** What is used where nothing is given. */
const DEFAULT_JETSTREAM_BROKER_OPTIONS = Object.freeze({
  connection: undefined,
  durability: 'process-crash',
  replicas: 1,
  publishTimeoutMs: 10_000,
  maxQueueLength: 10_000,
  acknowledge: 'single',
  deliveryMargin: 100,
  deadLetterStream: 'DLQ',
  deadLetterSubject: 'dlq',
  deadLetterMaxBytes: null,
  advisoryStream: 'DLQ_ADVISORIES',
  alerts: silentAlertSink,
  logger: silentLogger,
  clock: systemClock,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveJetStreamBrokerOptions(
  options: JetStreamBrokerOptions,
): ResolvedJetStreamBrokerOptions {
  const resolved = withDefaults(options, DEFAULT_JETSTREAM_BROKER_OPTIONS)
  requireMethods('connection', resolved.connection, ['publish', 'subscribe', 'flush', 'isClosed'])
  requireOneOf('durability', resolved.durability, ['process-crash', 'power-loss'])
  requireOneOf('acknowledge', resolved.acknowledge, ['single', 'double'])
  if (![1, 3, 5].includes(resolved.replicas)) {
    throw new InvalidOptionError('replicas', '1, 3 or 5', resolved.replicas)
  }
  requireInteger('publishTimeoutMs', resolved.publishTimeoutMs, { min: 1, max: 600_000 })
  requireInteger('maxQueueLength', resolved.maxQueueLength, { min: 1, max: 1_000_000 })
  requireInteger('deliveryMargin', resolved.deliveryMargin, { min: 1, max: 100_000 })
  requireStreamName(resolved.deadLetterStream, 'deadLetterStream')
  requireStreamName(resolved.advisoryStream, 'advisoryStream')
  requireSubject(resolved.deadLetterSubject, 'deadLetterSubject')
  if (resolved.deadLetterMaxBytes !== null) {
    requireInteger('deadLetterMaxBytes', resolved.deadLetterMaxBytes, { min: 1_048_576 })
  }
  return resolved
}
