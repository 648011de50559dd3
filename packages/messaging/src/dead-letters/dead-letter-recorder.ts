import { requireInteger, requireText } from '@golden-arch/core/errors'
import {
  type AlertSink,
  type Logger,
  METRICS,
  type Metrics,
  type Span,
  silentAlertSink,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { exponentialDelayMs } from '@golden-arch/core/time'
import { GroupCommit } from '../group-commit.ts'
import { messageBytes } from '../message-bytes.ts'
import { MessageSpans, traceContextOfHeaders } from '../message-spans.ts'
import type { BrokerDelivery, DrainReport, MessageBroker } from '../ports/message-broker.ts'
import type { DeadLetter } from './dead-letter.ts'
import { type ReceivedDeadLetter, readDeadLetter } from './dead-letter-message.ts'
import { countDeadLetters } from './group-dead-letters.ts'
import { raiseDeadLetterAlerts } from './raise-dead-letter-alerts.ts'
import { type RecordedDeadLetter, recordDeadLetters } from './record-dead-letters.ts'
import { sourceMessage } from './source-message.ts'

/** What a `DeadLetterRecorder` is made of. */
export interface DeadLetterRecorderOptions {
  /** Never closed here. */
  readonly broker: MessageBroker
  /** Where the tables of the migration module `messaging` are. Never closed here. */
  readonly database: SqlDatabase
  /** Stream that dead letters are handed to. Default `DLQ`. */
  readonly stream?: string
  /** Name of the consumer. Default `dlq-recorder`. */
  readonly durable?: string
  /** Dead letters in hand at once, 1 to 1000; they are written in groups of up to 200 and of 16 MiB. Default 200. */
  readonly prefetch?: number
  /**
   * Tenant that dead letters are for whose message names none that can be read, 1 to 128 characters. Default nobody's: only
   * who asks for all tenants sees them.
   */
  readonly unknownTenantId?: string
  /** Milliseconds that the broker waits for a dead letter to be written, 1000 to 3600000. Default 60000 (1 minute). */
  readonly leaseMs?: number
  /** Milliseconds of pause after a first failure, 1 to 600000; it doubles with each. Default 1000 (1 second). */
  readonly initialDelayMs?: number
  /** Milliseconds of pause at most, 1 to 3600000. Default 60000 (1 minute). */
  readonly maxDelayMs?: number
  /** Told of new dead letters and of a database that does not take them. Default: nobody. */
  readonly alerts?: AlertSink
  /** Default: none. */
  readonly logger?: Logger
  /** Default: none. */
  readonly metrics?: Metrics
  /** Each dead letter is a span, from its arrival to its settlement, in the trace of the message. Default: none. */
  readonly tracer?: Tracer
}

/** What became of one dead letter of a group: its row, or why it has none. */
type Written = { readonly row: RecordedDeadLetter } | { readonly error: unknown }

const GROUP_LENGTH = 200
const GROUP_BYTES = 16_777_216
const DRAIN_TIMEOUT_MS = 10_000

/**
 * Writes the dead letters of a stream into the database. A dead letter leaves the stream only once it is committed, so
 * none is lost while the database is down, and one that comes twice is one row. Several recorders may run at once.
 */
export class DeadLetterRecorder {
  readonly #options: Required<Omit<DeadLetterRecorderOptions, 'unknownTenantId'>>
  readonly #unknownTenantId: string | null
  readonly #writes: GroupCommit<DeadLetter, Written>
  readonly #spans: MessageSpans
  #isFailing = false

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor({ unknownTenantId, ...options }: DeadLetterRecorderOptions) {
    this.#unknownTenantId =
      unknownTenantId === undefined ? null : requireText('unknownTenantId', unknownTenantId, 128)
    this.#options = {
      stream: 'DLQ',
      durable: 'dlq-recorder',
      prefetch: GROUP_LENGTH,
      leaseMs: 60_000,
      initialDelayMs: 1000,
      maxDelayMs: 60_000,
      alerts: silentAlertSink,
      logger: silentLogger,
      metrics: silentMetrics,
      tracer: silentTracer,
      ...options,
    }
    const { prefetch, leaseMs, initialDelayMs, maxDelayMs } = this.#options
    requireInteger('prefetch', prefetch, { min: 1, max: 1000 })
    requireInteger('leaseMs', leaseMs, { min: 1000, max: 3_600_000 })
    requireInteger('initialDelayMs', initialDelayMs, { min: 1, max: 600_000 })
    requireInteger('maxDelayMs', maxDelayMs, { min: initialDelayMs, max: 3_600_000 })
    this.#spans = new MessageSpans(this.#options.tracer, this.#options.broker, this.#options.durable)
    this.#writes = new GroupCommit((letters) => this.#write(letters), {
      maxBatchLength: GROUP_LENGTH,
      size: {
        maxBatchBytes: GROUP_BYTES,
        bytesOf: ({ payload, headers }) => messageBytes({ payload: payload ?? new Uint8Array(), headers }),
      },
    })
  }

  /**
   * Records until the signal fires, then finishes what is in hand within 10 seconds.
   * @throws MessagingError `STREAM_NOT_FOUND`, `BROKER_UNAVAILABLE` (retryable), `BROKER_CLOSED`, at the start only.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<DrainReport> {
    const { broker, stream, durable, prefetch, leaseMs } = this.#options
    const { signal } = options
    const subscription = await broker.subscribe(
      { stream, durable, prefetch, leaseMs, maxAttempts: 1000 },
      (delivery) => this.#receive(delivery),
    )
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    return subscription.close({ drainTimeoutMs: DRAIN_TIMEOUT_MS })
  }

  #receive(delivery: BrokerDelivery): Promise<void> {
    const received = readDeadLetter(delivery.message, this.#options.durable)
    return this.#spans.process(
      delivery,
      null,
      (span) => this.#record(delivery, received, span),
      traceContextOfHeaders(received.letter.headers),
    )
  }

  async #record(delivery: BrokerDelivery, received: ReceivedDeadLetter, span: Span): Promise<void> {
    try {
      const written = await this.#writes.add(await this.#letterOf(received))
      if ('error' in written) throw written.error
      await delivery.settle({ kind: 'ack' })
    } catch (error) {
      span.fail(error)
      this.#complain(error)
      const failures = Math.min(delivery.deliveries, 30)
      const afterMs = exponentialDelayMs(failures, this.#options, Math.random())
      const reason = error instanceof Error ? error.message : String(error)
      await delivery.settle({ kind: 'retry', afterMs, reason })
    }
  }

  async #letterOf({ letter: received, isPayloadAtSource }: ReceivedDeadLetter): Promise<DeadLetter> {
    const letter = { ...received, tenantId: received.tenantId ?? this.#unknownTenantId }
    if (!isPayloadAtSource) return letter
    const stored = await sourceMessage(this.#options.broker, letter.source)
    // A stream that was made anew may hold another message in that place.
    const isSame = stored !== null && stored.messageId === letter.messageId
    return { ...letter, payload: isSame ? stored.payload : null }
  }

  async #write(letters: readonly DeadLetter[]): Promise<readonly Written[]> {
    const { database, logger } = this.#options
    let written: readonly Written[]
    try {
      written = (await recordDeadLetters(database, letters)).map((row) => ({ row }))
    } catch (error) {
      // One row that the table does not take must not hold up its group.
      if (letters.length === 1 || !(error instanceof StorageError) || error.retryable) throw error
      logger.warn({ err: error, length: letters.length }, 'dead letters are recorded one by one')
      written = await this.#writeSingly(letters)
    }
    if (written.every((one) => 'row' in one)) this.#isFailing = false
    await this.#tell(letters, written)
    return written
  }

  async #writeSingly(letters: readonly DeadLetter[]): Promise<readonly Written[]> {
    const written: Written[] = []
    for (const letter of letters) {
      try {
        for (const row of await recordDeadLetters(this.#options.database, [letter])) written.push({ row })
      } catch (error) {
        written.push({ error })
      }
    }
    return written
  }

  async #tell(letters: readonly DeadLetter[], written: readonly Written[]): Promise<void> {
    const { metrics, alerts, database, logger } = this.#options
    const recorded = letters.flatMap((letter, index) => {
      const one = written[index]
      return one !== undefined && 'row' in one ? [{ letter, row: one.row }] : []
    })
    for (const { letter, row } of recorded) {
      if (row.isNew) metrics.counter(METRICS.dlqRecorded).increment({ stream: letter.source.stream })
    }
    raiseDeadLetterAlerts(alerts, recorded)
    try {
      const { unresolved } = await countDeadLetters(database, { allTenants: true })
      metrics.gauge(METRICS.dlqMessageCount).set(unresolved)
    } catch (error) {
      logger.warn({ err: error }, 'dead letters not counted')
    }
  }

  /** Tells of an outage once, not for each dead letter that waits for its end. */
  #complain(error: unknown): void {
    const { alerts, logger, stream } = this.#options
    logger.error({ err: error, stream }, 'dead letter not recorded; it stays in its stream')
    if (this.#isFailing) return
    this.#isFailing = true
    alerts.raise({
      kind: 'deadLetter.recordFailed',
      severity: 'critical',
      summary: `Dead letters of ${stream} cannot be written to the database; they wait in the stream.`,
      key: stream,
      details: { stream, error: error instanceof Error ? error.message : String(error) },
    })
  }
}
