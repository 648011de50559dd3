import {
  type Complete,
  InvalidOptionError,
  requireFunction,
  requireInteger,
  requireMethods,
  requireOneOf,
  withDefaults,
} from '@golden-arch/core/errors'
import {
  type Logger,
  type Metrics,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { StandardSchema } from '@golden-arch/core/validation'
import { DEFAULT_SCHEMA_TIMEOUT_MS, requireSchema } from '../check-event-data.ts'
import type { AttemptStore } from '../ports/attempt-store.ts'
import type { MessageBroker } from '../ports/message-broker.ts'
import type { MessageInbox } from '../ports/message-inbox.ts'
import { requireDurable } from '../streams/durable-name.ts'
import { requireStreamName } from '../streams/stream-definition.ts'
import { requireSubjectPattern } from '../streams/subject-pattern.ts'
import { DeliveryCountAttempts } from './delivery-count-attempts.ts'
import {
  type RedeliveryOptions,
  type ResolvedRedeliveryOptions,
  resolveRedeliveryOptions,
} from './redelivery-options.ts'

/** What an `EventConsumer` is made of. */
export interface EventConsumerOptions<Data> {
  readonly broker: MessageBroker
  /** The stream to read. */
  readonly stream: string
  /** Name of the consumer, 1 to 64 characters of `A-Z a-z 0-9 _ -`; processes of one name share the messages. */
  readonly durable: string
  /** Only events of these types, such as `task.completed` or `task.>`. Default all. */
  readonly subjects?: readonly string[] | undefined
  /** What a durable that is new gets: all that the stream holds, or only what comes. Default `all`. */
  readonly startAt?: 'all' | 'new' | undefined
  /** Attempts and pauses. Default 5 attempts, pauses up to 500 ms doubling to 1 minute. */
  readonly retry?: RedeliveryOptions | undefined
  /** What the data must fit; any Standard Schema. What does not is a dead letter at once. Default: anything. */
  readonly schema?: StandardSchema<Data> | undefined
  /**
   * Milliseconds that a schema which answers with a promise may take, 1 to 3600000; more is a failed attempt, with code
   * `SCHEMA_TIMEOUT`. Default 10000 (10 seconds).
   */
  readonly schemaTimeoutMs?: number | undefined
  /** Makes `once` available to the handler. Default: none. */
  readonly inbox?: MessageInbox | undefined
  /**
   * Where starts of the handler are counted. Where nothing counts them deliveries are: a message that kills its process then
   * uses up the attempts of those beside it, and `prefetch` must not exceed `maxConcurrent`. Default the broker's own; where
   * it has none, as JetStream, the database of the `inbox`.
   */
  readonly attempts?: AttemptStore | undefined
  /** Handlers that run at once, 1 to 1000. Default 8. */
  readonly maxConcurrent?: number | undefined
  /** Messages in hand at most, `maxConcurrent` to 10000. Default twice `maxConcurrent`, or `maxConcurrent` where deliveries are counted. */
  readonly prefetch?: number | undefined
  /** Milliseconds after which the messages of a dead process come again, 1000 to 3600000. Default 30000 (30 seconds). */
  readonly leaseMs?: number | undefined
  /** Milliseconds that a handler may take, 1 to 86400000. Default 300000 (5 minutes). */
  readonly handlerTimeoutMs?: number | undefined
  /** Milliseconds that handlers get to finish when the consumer stops, 0 to 3600000. Default 10000 (10 seconds). */
  readonly drainTimeoutMs?: number | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Each message is a span from its handler's start to its settlement, linked to where it was published. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Numbers from 0 to 1 that spread the pauses. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What a consumer may rely on. */
export interface ResolvedEventConsumerOptions<Data>
  extends Omit<
    Complete<EventConsumerOptions<Data>, 'retry' | 'attempts' | 'prefetch', 'schema' | 'inbox'>,
    'retry' | 'attempts' | 'prefetch'
  > {
  readonly retry: ResolvedRedeliveryOptions
  readonly attempts: AttemptStore
  readonly prefetch: number
}

/** What is used where nothing is given. */
const DEFAULT_EVENT_CONSUMER_OPTIONS = Object.freeze({
  broker: undefined,
  stream: undefined,
  durable: undefined,
  subjects: Object.freeze(['>']),
  startAt: 'all',
  retry: undefined,
  schema: null,
  schemaTimeoutMs: DEFAULT_SCHEMA_TIMEOUT_MS,
  inbox: null,
  attempts: undefined,
  maxConcurrent: 8,
  prefetch: undefined,
  leaseMs: 30_000,
  handlerTimeoutMs: 300_000,
  drainTimeoutMs: 10_000,
  clock: systemClock,
  logger: silentLogger,
  metrics: silentMetrics,
  tracer: silentTracer,
  random: Math.random,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveEventConsumerOptions<Data>(
  options: EventConsumerOptions<Data>,
): ResolvedEventConsumerOptions<Data> {
  const merged = withDefaults<EventConsumerOptions<Data>, typeof DEFAULT_EVENT_CONSUMER_OPTIONS>(
    options,
    DEFAULT_EVENT_CONSUMER_OPTIONS,
  )
  const { broker, subjects, schema, inbox, maxConcurrent } = merged
  requireMethods('broker', broker, ['subscribe'])
  requireStreamName(merged.stream)
  requireDurable(merged.durable)
  for (const subject of subjects) requireSubjectPattern('subjects', subject)
  if (subjects.length === 0) throw new InvalidOptionError('subjects', 'at least one', subjects)
  requireOneOf('startAt', merged.startAt, ['all', 'new'])
  if (schema !== null) requireSchema(schema)
  if (inbox !== null) requireMethods('inbox', inbox, ['handle'])
  if (merged.attempts !== undefined) {
    requireMethods('attempts', merged.attempts, ['read', 'start', 'end', 'forget', 'prune'])
  }
  requireInteger('maxConcurrent', maxConcurrent, { min: 1, max: 1000 })
  const known = merged.attempts ?? broker.attempts ?? inbox?.attempts
  const prefetch = merged.prefetch ?? (known === undefined ? maxConcurrent : maxConcurrent * 2)
  requireInteger('prefetch', prefetch, {
    min: maxConcurrent,
    max: known === undefined ? maxConcurrent : 10_000,
  })
  requireInteger('leaseMs', merged.leaseMs, { min: 1000, max: 3_600_000 })
  requireInteger('schemaTimeoutMs', merged.schemaTimeoutMs, { min: 1, max: 3_600_000 })
  requireInteger('handlerTimeoutMs', merged.handlerTimeoutMs, { min: 1, max: 86_400_000 })
  requireInteger('drainTimeoutMs', merged.drainTimeoutMs, { min: 0, max: 3_600_000 })
  requireFunction('random', merged.random)
  const retry = resolveRedeliveryOptions(merged.retry)
  const isCounted = known === undefined || known instanceof DeliveryCountAttempts
  return {
    ...merged,
    prefetch,
    // A delivery cannot be taken back.
    retry: isCounted ? { ...retry, maxPostponements: 0 } : retry,
    attempts: known ?? new DeliveryCountAttempts(),
  }
}
