import type { EventHandler } from '../delivery.ts'
import { type ConsumerReport, ConsumerRun } from './consumer-run.ts'
import {
  type EventConsumerOptions,
  type ResolvedEventConsumerOptions,
  resolveEventConsumerOptions,
} from './event-consumer-options.ts'

/**
 * Handles the events of a stream: reads and checks each, starts a bounded number of handlers, counts their starts,
 * pauses after failures and gives a message up after its attempts. A message whose handler seems to have killed its
 * process runs alone, so that it uses up nobody else's attempts.
 */
export class EventConsumer<Data = unknown> {
  readonly #options: ResolvedEventConsumerOptions<Data>

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: EventConsumerOptions<Data>) {
    this.#options = resolveEventConsumerOptions(options)
  }

  /**
   * Handles events until the signal fires; then takes no more, gives back what has not started, and resolves once the
   * running handlers have ended or `drainTimeoutMs` is over. Several runs at once share the messages.
   * @throws MessagingError `STREAM_NOT_FOUND`, `BROKER_UNAVAILABLE` (retryable), `BROKER_CLOSED`, at the start only.
   */
  async run(handler: EventHandler<Data>, options: { readonly signal: AbortSignal }): Promise<ConsumerReport> {
    return new ConsumerRun(this.#options, handler).until(options.signal)
  }
}
