import { InvalidOptionError, requireInteger, requireText } from '@golden-arch/core/errors'
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
import { checkEventData, DEFAULT_SCHEMA_TIMEOUT_MS } from './check-event-data.ts'
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
  readonly schema?: StandardSchema<Data>
  /** Milliseconds that a schema which answers with a promise may take, 1 to 3600000. Default 10000 (10 seconds). */
  readonly schemaTimeoutMs?: number
  /** Size of an envelope as JSON, 1 to 67108864 bytes. Default 1048576 (1 MiB). */
  readonly maxPayloadBytes?: number
  /** Where the time of an event comes from. Default the system clock. */
  readonly clock?: Clock
  /** Default: none. */
  readonly metrics?: Metrics
  /** Each publication is a span, told to readers of the event unless it has a `traceparent` of its own. Default: none. */
  readonly tracer?: Tracer
}

/** What the publisher fills in is left out. */
export type EventToPublish<Data> = Omit<NewEvent<Data>, 'source'>

/** Where a published event went. */
export interface PublishedEvent<Data> extends Receipt {
  readonly event: EventEnvelope<Data>
}

/** Publishes events, each checked, bounded and stored before its publication resolves. */
export class EventPublisher<Data = unknown> {
  readonly #options: EventPublisherOptions<Data>
  readonly #maxPayloadBytes: number
  readonly #schemaTimeoutMs: number
  readonly #clock: Clock
  readonly #published: Counter
  readonly #spans: MessageSpans

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: EventPublisherOptions<Data>) {
    if (typeof options.broker?.publish !== 'function') {
      throw new InvalidOptionError('broker', 'a MessageBroker', options.broker)
    }
    requireText('source', options.source)
    this.#options = options
    this.#maxPayloadBytes = requireInteger(
      'maxPayloadBytes',
      options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES,
      { min: 1, max: MAX_PAYLOAD_BYTES },
    )
    this.#schemaTimeoutMs = requireInteger(
      'schemaTimeoutMs',
      options.schemaTimeoutMs ?? DEFAULT_SCHEMA_TIMEOUT_MS,
      { min: 1, max: 3_600_000 },
    )
    this.#clock = options.clock ?? systemClock
    this.#published = (options.metrics ?? silentMetrics).counter(METRICS.messagesPublished)
    this.#spans = new MessageSpans(options.tracer ?? silentTracer, options.broker)
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
    const { broker, source, schema } = this.#options
    const own = event.traceparent === undefined ? span.context : null
    const envelope = createEvent({ ...event, ...own, source }, this.#clock.now())
    if (span.isRecording) span.setAttributes({ 'messaging.message.id': envelope.id })
    // What the schema makes of the data may be another shape than what goes on the wire, so the data go as given.
    if (schema !== undefined) {
      const { signal } = options
      const deadline = { timeoutMs: this.#schemaTimeoutMs, clock: this.#clock }
      await checkEventData(envelope, schema, signal === undefined ? deadline : { ...deadline, signal })
    }
    const receipt = await broker.publish(encodeEvent(envelope, this.#maxPayloadBytes), options)
    this.#published.increment({ stream: receipt.stream })
    return { ...receipt, event: envelope }
  }
}
