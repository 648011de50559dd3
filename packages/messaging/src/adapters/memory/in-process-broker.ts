import { InvalidOptionError, requireText } from '@golden-arch/core/errors'
import type { EventEnvelope } from '@golden-arch/core/events'
import { withDeadline } from '@golden-arch/core/time'
import { matchesEventType, requireEventTypePattern } from '../../event-type-pattern.ts'
import { MessagingError } from '../../messaging-error.ts'
import type {
  BrokerCapabilities,
  DeliveryHandler,
  MessageBroker,
  PublishOptions,
  SubscribeOptions,
  Subscription,
} from '../../ports/message-broker.ts'
import { type InProcessBrokerOptions, resolveInProcessBrokerOptions } from './in-process-broker-options.ts'

interface Subscriber {
  readonly consumer: string
  readonly types: readonly string[]
  readonly handler: DeliveryHandler
  readonly running: Set<Promise<void>>
}

/**
 * A broker within one process. It stores nothing: an event that was not handled lives on only where it came from,
 * such as an outbox, and one that nobody subscribes to is gone. `publish` resolves once every matching subscriber has
 * handled the event.
 */
export class InProcessBroker implements MessageBroker {
  readonly capabilities: BrokerCapabilities = Object.freeze({
    durability: 'memory',
    acknowledges: 'handled',
    dedupeWindowMs: 0,
  })
  readonly #options: Readonly<Required<InProcessBrokerOptions>>
  readonly #subscribers = new Map<string, Subscriber>()
  #inFlight = 0

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: InProcessBrokerOptions = {}) {
    this.#options = resolveInProcessBrokerOptions(options)
  }

  /**
   * Delivers the event to every matching subscriber at once and waits for all of them.
   * @throws MessagingError `DELIVERY_FAILED` (retryable) naming the consumers that failed or took too long,
   * `BROKER_OVERLOADED` (retryable), `PAYLOAD_TOO_LARGE`.
   */
  async publish(event: EventEnvelope, options: PublishOptions = {}): Promise<void> {
    const { maxInFlight, maxPayloadBytes } = this.#options
    const text = JSON.stringify(event)
    const payloadBytes = Buffer.byteLength(text)
    if (payloadBytes > maxPayloadBytes) {
      const details = { eventId: event.id, payloadBytes, maxPayloadBytes }
      throw new MessagingError({ code: 'PAYLOAD_TOO_LARGE', message: 'the event is too large', details })
    }
    if (this.#inFlight >= maxInFlight) {
      const message = 'too many events are being handled'
      throw new MessagingError({
        code: 'BROKER_OVERLOADED',
        message,
        retryable: true,
        details: { maxInFlight },
      })
    }
    const subscribers = [...this.#subscribers.values()].filter(({ types }) =>
      types.some((pattern) => matchesEventType(pattern, event.type)),
    )
    this.#inFlight++
    try {
      const results = await Promise.allSettled(subscribers.map((one) => this.#deliver(one, text, options)))
      const failed = results.flatMap((result, index) =>
        result.status === 'rejected'
          ? [{ consumer: subscribers[index]?.consumer, error: result.reason }]
          : [],
      )
      if (failed.length > 0) throw deliveryFailed(event, failed)
    } finally {
      this.#inFlight--
    }
  }

  /** @throws MessagingError `CONSUMER_TAKEN`; InvalidOptionError `INVALID_OPTION`. */
  async subscribe(options: SubscribeOptions, handler: DeliveryHandler): Promise<Subscription> {
    const consumer = requireText('consumer', options.consumer, 128)
    const types = options.types.map(requireEventTypePattern)
    if (types.length === 0) throw new InvalidOptionError('types', 'at least one event type', options.types)
    if (this.#subscribers.has(consumer)) {
      const message = 'a consumer of this name subscribes already'
      throw new MessagingError({ code: 'CONSUMER_TAKEN', message, details: { consumer } })
    }
    const subscriber: Subscriber = { consumer, types, handler, running: new Set() }
    this.#subscribers.set(consumer, subscriber)
    return {
      close: async () => {
        if (this.#subscribers.get(consumer) === subscriber) this.#subscribers.delete(consumer)
        await Promise.allSettled(subscriber.running)
      },
    }
  }

  async #deliver(subscriber: Subscriber, text: string, { signal }: PublishOptions): Promise<void> {
    const { handlerTimeoutMs, clock } = this.#options
    const deadline = { timeoutMs: handlerTimeoutMs, clock, ...(signal === undefined ? {} : { signal }) }
    const handled = withDeadline(deadline, async (ended) => {
      // Each subscriber gets what would arrive over a wire: its own copy, made of JSON values. The text is an envelope's.
      await subscriber.handler({ event: JSON.parse(text) as EventEnvelope, signal: ended })
    })
    subscriber.running.add(handled)
    try {
      await handled
    } finally {
      subscriber.running.delete(handled)
    }
  }
}

function deliveryFailed(
  event: EventEnvelope,
  failed: readonly { readonly consumer: string | undefined; readonly error: unknown }[],
): MessagingError {
  const consumers = failed.map(({ consumer }) => consumer)
  return new MessagingError({
    code: 'DELIVERY_FAILED',
    message: `not handled by ${consumers.join(', ')}`,
    retryable: true,
    details: { eventId: event.id, consumers },
    cause: failed[0]?.error,
  })
}
