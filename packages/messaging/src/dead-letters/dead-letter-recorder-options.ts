import {
  type Complete,
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireText,
  withDefaults,
} from '@golden-arch/core/errors'
import {
  type AlertSink,
  type Logger,
  type Metrics,
  silentAlertSink,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { MessageBroker } from '../ports/message-broker.ts'
import { requireDurable } from '../streams/durable-name.ts'

/** What a `DeadLetterRecorder` is made of. */
export interface DeadLetterRecorderOptions {
  /** Its `deadLetterStream` is read. Never closed here. */
  readonly broker: MessageBroker
  /** Where the tables of the migration module `messaging` are. Never closed here. */
  readonly database: SqlDatabase
  /** Name of the consumer. Default `dlq-recorder`. */
  readonly durable?: string | undefined
  /** Dead letters in hand at once, 1 to 1000; they are written in groups of up to 200 and of 16 MiB. Default 200. */
  readonly prefetch?: number | undefined
  /**
   * Tenant that dead letters are for whose message names none that can be read, 1 to 128 characters. Default nobody's: only
   * who asks for all tenants sees them.
   */
  readonly unknownTenantId?: string | undefined
  /** Milliseconds that the broker waits for a dead letter to be written, 1000 to 3600000. Default 60000 (1 minute). */
  readonly leaseMs?: number | undefined
  /** Milliseconds of pause after a first failure, 1 to 600000; it doubles with each. Default 1000 (1 second). */
  readonly initialDelayMs?: number | undefined
  /** Milliseconds of pause at most, 1 to 3600000. Default 60000 (1 minute). */
  readonly maxDelayMs?: number | undefined
  /** Told of new dead letters and of a database that does not take them. Default: none. */
  readonly alerts?: AlertSink | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Each dead letter is a span, from its arrival to its settlement, in the trace of the message. Default: none. */
  readonly tracer?: Tracer | undefined
}

/** What the recorder may rely on. */
export type ResolvedDeadLetterRecorderOptions = Complete<
  DeadLetterRecorderOptions,
  never,
  'unknownTenantId'
> & {
  /** Stream that the broker hands dead letters to. */
  readonly stream: string
}

/** Dead letters that are written together at most. */
export const GROUP_LENGTH = 200

/** What is used where nothing is given. */
const DEFAULT_DEAD_LETTER_RECORDER_OPTIONS = Object.freeze({
  broker: undefined,
  database: undefined,
  durable: 'dlq-recorder',
  prefetch: GROUP_LENGTH,
  unknownTenantId: null,
  leaseMs: 60_000,
  initialDelayMs: 1000,
  maxDelayMs: 60_000,
  alerts: silentAlertSink,
  logger: silentLogger,
  metrics: silentMetrics,
  tracer: silentTracer,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveDeadLetterRecorderOptions(
  options: DeadLetterRecorderOptions,
): ResolvedDeadLetterRecorderOptions {
  const resolved = withDefaults(options, DEFAULT_DEAD_LETTER_RECORDER_OPTIONS)
  const { broker, database, durable, prefetch, unknownTenantId, leaseMs, initialDelayMs, maxDelayMs } =
    resolved
  requireMethods('broker', broker, ['subscribe', 'findStored'])
  requireMethods('database', database, ['query'])
  const { deadLetterStream: stream } = broker
  if (stream === undefined) {
    throw new InvalidOptionError(
      'broker',
      'one that hands dead letters to a stream (deadLetterStream)',
      broker,
    )
  }
  requireDurable(durable)
  requireInteger('prefetch', prefetch, { min: 1, max: 1000 })
  if (unknownTenantId !== null) requireText('unknownTenantId', unknownTenantId, 128)
  requireInteger('leaseMs', leaseMs, { min: 1000, max: 3_600_000 })
  requireInteger('initialDelayMs', initialDelayMs, { min: 1, max: 600_000 })
  requireInteger('maxDelayMs', maxDelayMs, { min: initialDelayMs, max: 3_600_000 })
  return { ...resolved, stream }
}
