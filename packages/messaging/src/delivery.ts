import type { EventEnvelope } from '@golden-arch/core/events'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { Decision } from './decision.ts'
import type { InboxOutcome } from './ports/message-inbox.ts'

/** An event in the hands of a handler. It may come again: see {@link Delivery.once}. */
export interface Delivery<Data = unknown> {
  /** The handler's own copy, its data as the schema gives them. */
  readonly event: EventEnvelope<Data>
  /** Starts of the handler for this message that count, this one included; from 1. */
  readonly attempt: number
  /** Deliveries of this message to this consumer, those included that no handler saw; from 1. */
  readonly deliveries: number
  /** Where the message came from; `sequence` is its place in the stream, in decimal digits. */
  readonly source: { readonly stream: string; readonly sequence: string; readonly consumer: string }
  /** Fires at the handler's deadline, when the message was lost to another process, or when the consumer stops waiting. */
  readonly signal: AbortSignal
  /**
   * Runs `effect` in the transaction that marks the event as received by this consumer, once however often the event is
   * delivered. Slow calls belong before it: it holds a connection.
   * @throws MessagingError `INBOX_REQUIRED`; StorageError by code; whatever `effect` throws, and then nothing happened.
   */
  once<T>(effect: (tx: SqlTransaction) => Promise<T>): Promise<InboxOutcome<T>>
}

/**
 * Handles an event. A throw asks for it again, unless its error says that this is of no use: a `NonRetryableError`, or another
 * of these packages' whose `retryable` is false and whose code tells of more than the moment (`retryOf` of core's errors).
 * An error that says when to come again, by `retryAfterMs`, is heeded and uses up no attempt, `maxPostponements` times.
 */
export type EventHandler<Data = unknown> = (delivery: Delivery<Data>) => Promise<Decision>
