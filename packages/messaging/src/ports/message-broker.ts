import type { EventEnvelope } from '@golden-arch/core/events'

/** What a broker guarantees. */
export interface BrokerCapabilities {
  /** What an event survives once `publish` has resolved; `memory`: nothing. */
  readonly durability: 'memory' | 'process-crash' | 'power-loss'
  /** What `publish` waits for: that the event is stored, or that each subscriber has handled it. */
  readonly acknowledges: 'stored' | 'handled'
  /** Milliseconds during which a second publication of one event id is dropped; 0: never. */
  readonly dedupeWindowMs: number
}

/** How one publication runs. */
export interface PublishOptions {
  /** Stops waiting. The event may be taken over all the same. */
  readonly signal?: AbortSignal
}

/** Who subscribes, and to what. */
export interface SubscribeOptions {
  /** Name of the consumer, 1 to 128 characters; an inbox key. */
  readonly consumer: string
  /** Event types, exact (`task.completed`), by prefix (`task.>`), or all (`>`). At least one. */
  readonly types: readonly string[]
}

/** An event that reached a subscriber. It may come again: see `Inbox`. */
export interface Delivery {
  /** The subscriber's own copy. */
  readonly event: EventEnvelope
  /** Fires when nobody waits for the handler any more. */
  readonly signal: AbortSignal
}

/** Handles an event: resolving acknowledges it, a throw asks for it again. */
export type DeliveryHandler = (delivery: Delivery) => Promise<void>

/** An open subscription. */
export interface Subscription {
  /** Takes no more events and resolves once those in hand are handled. Never call it from its own handler. */
  close(): Promise<void>
}

/** Carries events from those who publish to those who subscribe, each at least once. */
export interface MessageBroker {
  readonly capabilities: BrokerCapabilities
  /**
   * Hands an event over; resolves only once it is stored or handled, as `capabilities.acknowledges` says.
   * @throws MessagingError `BROKER_OVERLOADED`, `DELIVERY_FAILED` (both retryable), `PAYLOAD_TOO_LARGE`;
   * TimeError `ABORTED`.
   */
  publish(event: EventEnvelope, options?: PublishOptions): Promise<void>
  /**
   * Delivers every event of the given types from now on to `handler`.
   * @throws MessagingError `CONSUMER_TAKEN`; InvalidOptionError `INVALID_OPTION`.
   */
  subscribe(options: SubscribeOptions, handler: DeliveryHandler): Promise<Subscription>
}
