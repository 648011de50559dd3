import {
  InvalidOptionError,
  requireInteger,
  requireMethods,
  type WithDefaults,
  withDefaults,
} from '@golden-arch/core/errors'
import {
  type Logger,
  type Span,
  silentLogger,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { type Clock, exponentialDelayMs, repeat, systemClock } from '@golden-arch/core/time'
import type { DeadLetter } from '../../dead-letters/dead-letter.ts'
import { sourceMessage } from '../../dead-letters/source-message.ts'
import { decodeEvent } from '../../envelope.ts'
import { MessageSpans, traceContextOfHeaders } from '../../message-spans.ts'
import type { BrokerDelivery, DrainReport, StoredMessage } from '../../ports/message-broker.ts'
import { requireDurable } from '../../streams/durable-name.ts'
import { requireStreamName } from '../../streams/stream-definition.ts'
import { readAdvisory, type StrandedMessage } from './advisory.ts'
import type { JetStreamBroker } from './jetstream-broker.ts'

/** What an `AdvisoryReconciler` is made of. */
export interface AdvisoryReconcilerOptions {
  /** Its `advisoryStream` is read. Never closed here. */
  readonly broker: JetStreamBroker
  /** Streams whose consumers are swept. */
  readonly streams: readonly string[]
  /** Name of the consumer. Default `advisory-reconciler`. */
  readonly durable?: string | undefined
  /** Milliseconds between two sweeps, 1000 to 3600000. Default 60000 (1 minute). */
  readonly pollIntervalMs?: number | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default the system clock. */
  readonly clock?: Clock | undefined
  /** Each recovery is a span, in the trace of the message that was given up. Default: none. */
  readonly tracer?: Tracer | undefined
}

const DEFAULT_ADVISORY_RECONCILER_OPTIONS = Object.freeze({
  broker: undefined,
  streams: undefined,
  durable: 'advisory-reconciler',
  pollIntervalMs: 60_000,
  logger: silentLogger,
  clock: systemClock,
  tracer: silentTracer,
})

const RETRY_DELAY = { initialDelayMs: 1000, maxDelayMs: 60_000 }
const DRAIN_TIMEOUT_MS = 10_000

/**
 * Makes dead letters of messages that the server gave up by itself, such as those whose process died on every delivery.
 * The server's word is kept in a stream, so it waits for a reconciler that is down. Several may run at once.
 */
export class AdvisoryReconciler {
  readonly #options: WithDefaults<AdvisoryReconcilerOptions, typeof DEFAULT_ADVISORY_RECONCILER_OPTIONS>
  readonly #spans: MessageSpans

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: AdvisoryReconcilerOptions) {
    this.#options = withDefaults(options, DEFAULT_ADVISORY_RECONCILER_OPTIONS)
    const { broker, streams, durable, pollIntervalMs, tracer } = this.#options
    requireMethods('broker', broker, ['subscribe', 'sweep', 'handOff'])
    if (!Array.isArray(streams))
      throw new InvalidOptionError('streams', 'an array of names of streams', streams)
    for (const [index, stream] of streams.entries()) requireStreamName(stream, `streams[${index}]`)
    requireDurable(durable)
    requireInteger('pollIntervalMs', pollIntervalMs, { min: 1000, max: 3_600_000 })
    this.#spans = new MessageSpans(tracer, broker, durable)
  }

  /**
   * Reconciles until the signal fires, then finishes what is in hand within 10 seconds.
   * @throws MessagingError `STREAM_NOT_FOUND`, `BROKER_UNAVAILABLE` (retryable), `BROKER_CLOSED`, at the start only.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<DrainReport> {
    const { broker, durable, pollIntervalMs, clock, logger, streams } = this.#options
    const { signal } = options
    const subscription = await broker.subscribe(
      { stream: broker.advisoryStream, durable, prefetch: 50, leaseMs: 30_000, maxAttempts: 1000 },
      (delivery) => this.#receive(delivery),
    )
    await repeat(() => broker.sweep(streams), {
      ...{ signal, pollIntervalMs, clock },
      onFailure: (err, facts) => logger.warn({ err, ...facts }, 'consumers not swept'),
    })
    return subscription.close({ drainTimeoutMs: DRAIN_TIMEOUT_MS })
  }

  async #receive(delivery: BrokerDelivery): Promise<void> {
    const stranded = readAdvisory(delivery.message.payload)
    if (stranded === null) {
      await delivery.settle({ kind: 'ack' })
      return
    }
    try {
      const stored = await sourceMessage(this.#options.broker, stranded)
      await this.#spans.process(
        delivery,
        null,
        (span) => this.#recover(delivery, letterOf(stranded, stored, delivery.message.storedAt), span),
        stored === undefined ? null : traceContextOfHeaders(stored.headers),
      )
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'stranded message not recovered yet')
      await this.#postpone(delivery)
    }
  }

  async #recover(delivery: BrokerDelivery, letter: DeadLetter, span: Span): Promise<void> {
    if (await this.#options.broker.handOff(letter)) await delivery.settle({ kind: 'ack' })
    else {
      span.setStatus('error', 'not handed over')
      await this.#postpone(delivery)
    }
  }

  async #postpone(delivery: BrokerDelivery): Promise<void> {
    const afterMs = exponentialDelayMs(Math.min(delivery.deliveries, 30), RETRY_DELAY, Math.random())
    await delivery.settle({ kind: 'retry', afterMs, reason: 'not handed over' })
  }
}

function letterOf(stranded: StrandedMessage, stored: StoredMessage | undefined, givenUpAt: Date): DeadLetter {
  const { stream, sequence, consumer, reason, code, deliveries } = stranded
  return {
    source: { stream, sequence, consumer },
    tenantId: stored === undefined ? null : tenantOf(stored),
    messageId: stored?.messageId ?? null,
    subject: stored?.subject ?? stream,
    headers: stored?.headers ?? {},
    payload: stored?.payload ?? null,
    error: reason,
    errorCode: code,
    attempts: deliveries,
    firstSeenAt: stored?.storedAt ?? givenUpAt,
    lastSeenAt: givenUpAt,
  }
}

function tenantOf(stored: StoredMessage): string | null {
  try {
    return decodeEvent(stored).tenantid
  } catch {
    return null
  }
}
