import {
  requireInteger,
  requireMethods,
  requireText,
  type WithDefaults,
  withDefaults,
} from '@golden-arch/core/errors'
import { createEvent, type EventEnvelope, type NewEvent } from '@golden-arch/core/events'
import {
  type Counter,
  METRICS,
  type Metrics,
  type Span,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { StandardSchema } from '@golden-arch/core/validation'
import { checkEventData, DEFAULT_SCHEMA_TIMEOUT_MS, requireSchema } from './check-event-data.ts'
import { encodeEvent } from './envelope.ts'
import { MessageSpans, traceContextOf } from './message-spans.ts'
import { DEFAULT_MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES } from './payload-limit.ts'
import type { MessageBroker, PublishOptions, Receipt } from './ports/message-broker.ts'

/** What an `EventPublisher` is made of. */
export interface EventPublisherOptions<Data> {
  readonly broker: MessageBroker
  /** Who speaks: the `source` of every event, a URI reference such as `orchestrator`. */
  readonly source: string
  /** What the data must fit; any Standard Schema, such as zod's. Default: anything. */
  readonly schema?: StandardSchema<Data> | undefined
  /** Milliseconds that a schema which answers with a promise may take, 1 to 3600000. Default 10000 (10 seconds). */
  readonly schemaTimeoutMs?: number | undefined
  /** Size of an envelope as JSON, 1 to 67108864 bytes. Default 1048576 (1 MiB). */
  readonly maxPayloadBytes?: number | undefined
  /** Where the time of an event comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Each publication is a span, told to readers of the event unless it has a `traceparent` of its own. Default: none. */
  readonly tracer?: Tracer | undefined
}

const DEFAULT_EVENT_PUBLISHER_OPTIONS = Object.freeze({
  broker: undefined,
  source: undefined,
  schema: null,
  schemaTimeoutMs: DEFAULT_SCHEMA_TIMEOUT_MS,
  maxPayloadBytes: DEFAULT_MAX_PAYLOAD_BYTES,
  clock: systemClock,
  metrics: silentMetrics,
  tracer: silentTracer,
})

/** What the publisher fills in is left out. */
export type EventToPublish<Data> = Omit<NewEvent<Data>, 'source'>

/** Where a published event went. */
export interface PublishedEvent<Data> extends Receipt {
  readonly event: EventEnvelope<Data>
}

/** Publishes events, each checked, bounded and stored before its publication resolves. */
export class EventPublisher<Data = unknown> {
  readonly #options: WithDefaults<EventPublisherOptions<Data>, typeof DEFAULT_EVENT_PUBLISHER_OPTIONS>
  readonly #published: Counter
  readonly #spans: MessageSpans

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: EventPublisherOptions<Data>) {
    this.#options = withDefaults<EventPublisherOptions<Data>, typeof DEFAULT_EVENT_PUBLISHER_OPTIONS>(
      options,
      DEFAULT_EVENT_PUBLISHER_OPTIONS,
    )
    const { broker, source, schema, schemaTimeoutMs, maxPayloadBytes, metrics, tracer } = this.#options
    requireMethods('broker', broker, ['publish'])
    requireText('source', source)
    if (schema !== null) requireSchema(schema)
    requireInteger('schemaTimeoutMs', schemaTimeoutMs, { min: 1, max: 3_600_000 })
    requireInteger('maxPayloadBytes', maxPayloadBytes, { min: 1, max: MAX_PAYLOAD_BYTES })
    this.#published = metrics.counter(METRICS.messagesPublished)
    this.#spans = new MessageSpans(tracer, broker)
  }

  /**
   * Publishes an event to the stream that takes its type; resolves only once it is stored as the broker's
   * `capabilities` say. After an error that leaves the outcome open, publish again with the same `id`.
   * @throws MessagingError `SCHEMA_MISMATCH`, `SCHEMA_TIMEOUT` (retryable), `PAYLOAD_TOO_LARGE`, and whatever the broker's `publish` throws;
   * InvalidOptionError `INVALID_OPTION`.
   */
  async publish(event: EventToPublish<Data>, options: PublishOptions = {}): Promise<PublishedEvent<Data>> {
    const trace = { origin: traceContextOf(event), continuesOrigin: false }
    return this.#spans.publish(event.type, trace, (span) => this.#publish(event, options, span))
  }

  async #publish(
    event: EventToPublish<Data>,
    options: PublishOptions,
    span: Span,
  ): Promise<PublishedEvent<Data>> {
    const { broker, source, schema, schemaTimeoutMs, maxPayloadBytes, clock } = this.#options
    const own = event.traceparent === undefined ? span.context : null
    const envelope = createEvent({ ...event, ...own, source }, clock.now())
    if (span.isRecording) span.setAttributes({ 'messaging.message.id': envelope.id })
    // What the schema makes of the data may be another shape than what goes on the wire, so the data go as given.
    if (schema !== null) {
      await checkEventData(envelope, schema, { timeoutMs: schemaTimeoutMs, clock, signal: options.signal })
    }
    const receipt = await broker.publish(encodeEvent(envelope, maxPayloadBytes), options)
    this.#published.increment({ stream: receipt.stream })
    return { ...receipt, event: envelope }
  }
}
