import type { SqlTransaction } from '@golden-arch/core/storage'
import type { CloseOptions } from '@golden-arch/core/time'
import type { DeliverySettlement } from '../decision.ts'
import type { MessageHeaders } from '../message-headers.ts'
import type { StreamDefinition } from '../streams/stream-definition.ts'
import type { AttemptStore } from './attempt-store.ts'

/** What a broker guarantees. */
export interface BrokerCapabilities {
  /** What a message survives once `publish` has resolved; `memory`: nothing. */
  readonly durability: 'memory' | 'process-crash' | 'power-loss'
  /** Milliseconds during which a second publication of one message id is dropped at least, by default; 0: never. */
  readonly dedupeWindowMs: number
  /** Whether `publish` can take part in the caller's transaction. */
  readonly publishesInTransaction: boolean
}

/** A message on its way to a stream. */
export interface OutgoingMessage {
  /** Dot-separated, 1 to 256 characters; the stream whose subjects cover it takes the message. */
  readonly subject: string
  /** Within the stream's dedupe window a second message of this id is not stored. 1 to 256 characters. */
  readonly messageId: string
  readonly payload: Uint8Array
  readonly headers?: MessageHeaders | undefined
}

/** Where a message stands. */
export interface MessagePlace {
  readonly stream: string
  /** Its place in the stream, 1 to 9223372036854775807 in decimal digits; later messages have greater ones, with gaps. */
  readonly sequence: string
}

/** A message as a stream holds it. */
export interface StoredMessage extends MessagePlace {
  readonly subject: string
  /** Null where it was published without one. */
  readonly messageId: string | null
  readonly payload: Uint8Array
  readonly headers: MessageHeaders
  readonly storedAt: Date
}

/** Where a published message went. */
export interface Receipt {
  readonly stream: string
  /** The message's place in the stream, in decimal digits: of the first one, where this is a duplicate. */
  readonly sequence: string
  /** True if a message of this id was stored before; nothing was added. */
  readonly isDuplicate: boolean
}

/** How one publication runs. */
export interface PublishOptions {
  /** Stores the message in this transaction, where `capabilities.publishesInTransaction`. */
  readonly tx?: SqlTransaction | undefined
  /** Milliseconds until the broker is given up, 1 to 600000. Default the broker's own. */
  readonly timeoutMs?: number | undefined
  /** Stops waiting. The message may be stored all the same. */
  readonly signal?: AbortSignal | undefined
}

/** Who subscribes, to what. Processes that subscribe as one `durable` share its messages. */
export interface SubscriptionOptions {
  readonly stream: string
  /** Name of the consumer, 1 to 64 characters of `A-Z a-z 0-9 _ -`; its place in the stream outlives the process. */
  readonly durable: string
  /** Only messages of these subjects, such as `task.completed` or `task.>`. Default all; changed by subscribing anew. */
  readonly subjects?: readonly string[] | undefined
  /** What a new durable gets: all that the stream holds, or only what comes. Default `all`. */
  readonly startAt?: 'all' | 'new' | undefined
  /** Deliveries not yet settled, 1 to 10000; no more are taken from the broker. */
  readonly prefetch: number
  /** Milliseconds after which an unsettled delivery without heartbeat comes again, 1000 to 3600000. */
  readonly leaseMs: number
  /**
   * Starts of the handler after which the consumer gives a message up at the latest, those included that it does not count,
   * 1 to 11000; the broker's own limit must be above.
   */
  readonly maxAttempts: number
}

/** A message in a subscriber's hands. */
export interface BrokerDelivery {
  readonly message: StoredMessage
  /** How often it has been delivered to this durable, this time included; from 1. */
  readonly deliveries: number
  /** Fires when the delivery is no longer held: its lease was lost, or the subscription gave up waiting. */
  readonly signal: AbortSignal
  /** Keeps the delivery for another `leaseMs`; a lost lease fires `signal`. */
  heartbeat(): void
  /**
   * Carries the settlement out; true once that is done. False if it could not be, or if the lease had been lost: the
   * message stays in the stream and comes again. Never rejects. Only the first call counts.
   */
  settle(settlement: DeliverySettlement): Promise<boolean>
}

/**
 * Takes a delivery and settles it. At most `prefetch` deliveries are unsettled at once. Once the promise has ended, a
 * delivery left unsettled is given back.
 */
export type DeliveryReceiver = (delivery: BrokerDelivery) => Promise<void>

/** How a subscription or broker came to its end. */
export interface DrainReport {
  /** Deliveries that were settled while it closed. */
  readonly settled: number
  /** Deliveries still unsettled at the deadline; they come again when their lease ends. */
  readonly abandoned: number
}

/** An open subscription. It resumes by itself after an outage of the broker. */
export interface Subscription {
  /**
   * Messages stored for the durable and not yet settled.
   * @throws MessagingError `BROKER_UNAVAILABLE` (retryable); StorageError by code.
   */
  pending(): Promise<number>
  /**
   * Takes no more messages, waits for those in hand to be settled, and abandons what is left at the deadline. Again, it does
   * no harm.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad deadline, and then nothing is closed.
   */
  close(options?: CloseOptions): Promise<DrainReport>
}

/** Where an existing stream differs from its definition and was left as it is. */
export interface StreamDrift {
  readonly stream: string
  /** Name of the differing field. */
  readonly field: string
  readonly declared: string
  readonly found: string
}

/** What `ensure` did. */
export interface EnsureReport {
  readonly created: readonly string[]
  readonly updated: readonly string[]
  /** Differences that cannot be mended in place. */
  readonly drift: readonly StreamDrift[]
}

/**
 * Keeps messages in streams and delivers each at least once to every durable consumer. Carries bytes: envelopes,
 * schemas, attempts and pauses are the business of `EventPublisher` and `EventConsumer`.
 */
export interface MessageBroker {
  readonly capabilities: BrokerCapabilities
  /** What traces call it: `messaging.system` of OpenTelemetry. Default `golden_arch`. */
  readonly system?: string | undefined
  /** Stream that dead letters are handed to, for a `DeadLetterRecorder`; absent where the broker records them itself. */
  readonly deadLetterStream?: string | undefined
  /** Where a consumer counts starts of its handler unless it is given another place; absent where there is none. */
  readonly attempts?: AttemptStore | undefined
  /**
   * Creates or updates the streams; the same again changes nothing.
   * @throws MessagingError `BROKER_UNAVAILABLE` (retryable); InvalidOptionError `INVALID_OPTION`.
   */
  ensure(streams: readonly StreamDefinition[]): Promise<EnsureReport>
  /**
   * Stores a message; resolves only once it is stored as `capabilities` says, or with `tx` once it is written there.
   * @throws MessagingError `STREAM_NOT_FOUND`, `PAYLOAD_TOO_LARGE`, `TRANSACTION_UNSUPPORTED`, `STREAM_FULL`,
   * `BROKER_OVERLOADED`, `BROKER_UNAVAILABLE` (the last three retryable); TimeError `DEADLINE_EXCEEDED` (retryable), `ABORTED`; after these
   * two the message may be stored all the same.
   */
  publish(message: OutgoingMessage, options?: PublishOptions): Promise<Receipt>
  /**
   * Delivers messages to `receive` until closed.
   * @throws MessagingError `STREAM_NOT_FOUND`, `BROKER_UNAVAILABLE` (retryable), `BROKER_CLOSED`; InvalidOptionError.
   */
  subscribe(options: SubscriptionOptions, receive: DeliveryReceiver): Promise<Subscription>
  /**
   * The message at that place, such as that of a receipt, or undefined if the stream does not hold it (any more).
   * @throws InvalidOptionError `INVALID_OPTION`; MessagingError `STREAM_NOT_FOUND` where the broker can tell,
   * `BROKER_UNAVAILABLE` (retryable); StorageError by code.
   */
  findStored(place: MessagePlace): Promise<StoredMessage | undefined>
  /**
   * Closes every subscription and accepts no more; what was passed in stays open. Again, it does no harm.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad deadline, and then nothing is closed.
   */
  close(options?: CloseOptions): Promise<DrainReport>
  /** Closes with the default deadline. */
  [Symbol.asyncDispose](): Promise<void>
}
