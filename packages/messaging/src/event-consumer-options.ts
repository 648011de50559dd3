import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
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
import { DEFAULT_SCHEMA_TIMEOUT_MS } from './check-event-data.ts'
import { DeliveryCountAttempts } from './delivery-count-attempts.ts'
import { requireDurable } from './durable-name.ts'
import type { Inbox } from './inbox.ts'
import type { AttemptStore } from './ports/attempt-store.ts'
import type { MessageBroker } from './ports/message-broker.ts'
import {
  type RedeliveryOptions,
  type ResolvedRedeliveryOptions,
  resolveRedeliveryOptions,
} from './redelivery-options.ts'
import { requireStreamName } from './stream-definition.ts'
import { requireSubjectPattern } from './subject-pattern.ts'

/** What an `EventConsumer` is made of. */
export interface EventConsumerOptions<Data> {
  readonly broker: MessageBroker
  /** The stream to read. */
  readonly stream: string
  /** Name of the consumer, 1 to 64 characters of `A-Z a-z 0-9 _ -`; processes of one name share the messages. */
  readonly durable: string
  /** Only events of these types, such as `task.completed` or `task.>`. Default all. */
  readonly subjects?: readonly string[]
  /** What a durable that is new gets: all that the stream holds, or only what comes. Default `all`. */
  readonly startAt?: 'all' | 'new'
  /** Attempts and pauses. Default 5 attempts, pauses up to 500 ms doubling to 1 minute. */
  readonly retry?: RedeliveryOptions
  /** What the data must fit; any Standard Schema. What does not is a dead letter at once. Default: anything. */
  readonly schema?: StandardSchema<Data>
  /**
   * Milliseconds that a schema which answers with a promise may take, 1 to 3600000; more is a failed attempt, with code
   * `SCHEMA_TIMEOUT`. Default 10000 (10 seconds).
   */
  readonly schemaTimeoutMs?: number
  /** Makes `once` available to the handler. Default: none. */
  readonly inbox?: Inbox
  /**
   * Where starts of the handler are counted. Where nothing counts them deliveries are: a message that kills its process then
   * uses up the attempts of those beside it, and `prefetch` must not exceed `maxConcurrent`. Default the broker's own; where
   * it has none, as JetStream, the database of the `inbox`.
   */
  readonly attempts?: AttemptStore
  /** Handlers that run at once, 1 to 1000. Default 8. */
  readonly maxConcurrent?: number
  /** Messages in hand at most, `maxConcurrent` to 10000. Default twice `maxConcurrent`. */
  readonly prefetch?: number
  /** Milliseconds after which the messages of a dead process come again, 1000 to 3600000. Default 30000 (30 seconds). */
  readonly leaseMs?: number
  /** Milliseconds that a handler may take, 1 to 86400000. Default 300000 (5 minutes). */
  readonly handlerTimeoutMs?: number
  /** Milliseconds that handlers get to finish when the consumer stops, 0 to 3600000. Default 10000 (10 seconds). */
  readonly drainTimeoutMs?: number
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Default: none. */
  readonly logger?: Logger
  /** Default: none. */
  readonly metrics?: Metrics
  /** Each message is a span from its handler's start to its settlement, linked to where it was published. Default: none. */
  readonly tracer?: Tracer
  /** Numbers from 0 to 1 that spread the pauses. Default `Math.random`. */
  readonly random?: () => number
}

/** What a consumer may rely on. */
export type ResolvedEventConsumerOptions<Data> = Required<
  Omit<EventConsumerOptions<Data>, 'schema' | 'inbox' | 'retry'>
> & {
  readonly retry: ResolvedRedeliveryOptions
  readonly schema: StandardSchema<Data> | null
  readonly inbox: Inbox | null
}

/** What is used where nothing is given. */
const DEFAULT_EVENT_CONSUMER_OPTIONS = Object.freeze({
  subjects: Object.freeze(['>']),
  startAt: 'all',
  maxConcurrent: 8,
  leaseMs: 30_000,
  schemaTimeoutMs: DEFAULT_SCHEMA_TIMEOUT_MS,
  handlerTimeoutMs: 300_000,
  drainTimeoutMs: 10_000,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveEventConsumerOptions<Data>(
  options: EventConsumerOptions<Data>,
): ResolvedEventConsumerOptions<Data> {
  if (typeof options.broker?.subscribe !== 'function') {
    throw new InvalidOptionError('broker', 'a MessageBroker', options.broker)
  }
  const known = options.attempts ?? options.broker.attempts ?? options.inbox?.attempts
  const merged = { ...DEFAULT_EVENT_CONSUMER_OPTIONS, ...options }
  const maxConcurrent = requireInteger('maxConcurrent', merged.maxConcurrent, { min: 1, max: 1000 })
  const prefetch = options.prefetch ?? (known === undefined ? maxConcurrent : maxConcurrent * 2)
  requireInteger('prefetch', prefetch, {
    min: maxConcurrent,
    max: known === undefined ? maxConcurrent : 10_000,
  })
  const retry = resolveRedeliveryOptions(options.retry)
  const isCounted = known === undefined || known instanceof DeliveryCountAttempts
  requireStreamName(merged.stream)
  requireDurable(merged.durable)
  for (const subject of merged.subjects) requireSubjectPattern('subjects', subject)
  if (merged.subjects.length === 0) throw new InvalidOptionError('subjects', 'at least one', merged.subjects)
  requireInteger('leaseMs', merged.leaseMs, { min: 1000, max: 3_600_000 })
  requireInteger('schemaTimeoutMs', merged.schemaTimeoutMs, { min: 1, max: 3_600_000 })
  requireInteger('handlerTimeoutMs', merged.handlerTimeoutMs, { min: 1, max: 86_400_000 })
  requireInteger('drainTimeoutMs', merged.drainTimeoutMs, { min: 0, max: 3_600_000 })
  return {
    ...merged,
    maxConcurrent,
    prefetch,
    // A delivery cannot be taken back.
    retry: isCounted ? { ...retry, maxPostponements: 0 } : retry,
    schema: options.schema ?? null,
    inbox: options.inbox ?? null,
    attempts: known ?? new DeliveryCountAttempts(),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
    tracer: options.tracer ?? silentTracer,
    random: options.random ?? Math.random,
  }
}
