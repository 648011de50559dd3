import { METRICS, type Span } from '@golden-arch/core/observability'
import { StorageError } from '@golden-arch/core/storage'
import { exponentialDelayMs } from '@golden-arch/core/time'
import { GroupCommit } from '../group-commit.ts'
import { messageBytes } from '../message-bytes.ts'
import { MessageSpans, traceContextOfHeaders } from '../message-spans.ts'
import type { BrokerDelivery, DrainReport } from '../ports/message-broker.ts'
import type { DeadLetter } from './dead-letter.ts'
import { type ReceivedDeadLetter, readDeadLetter } from './dead-letter-message.ts'
import {
  type DeadLetterRecorderOptions,
  GROUP_LENGTH,
  type ResolvedDeadLetterRecorderOptions,
  resolveDeadLetterRecorderOptions,
} from './dead-letter-recorder-options.ts'
import { countDeadLetters } from './group-dead-letters.ts'
import { raiseDeadLetterAlerts } from './raise-dead-letter-alerts.ts'
import { type RecordedDeadLetter, recordDeadLetters } from './record-dead-letters.ts'
import { sourceMessage } from './source-message.ts'

/** What became of one dead letter of a group: its row, or why it has none. */
type Written = { readonly row: RecordedDeadLetter } | { readonly error: unknown }

const GROUP_BYTES = 16_777_216
const DRAIN_TIMEOUT_MS = 10_000

/**
 * Writes the dead letters of a stream into the database. A dead letter leaves the stream only once it is committed, so
 * none is lost while the database is down, and one that comes twice is one row. Several recorders may run at once.
 */
export class DeadLetterRecorder {
  readonly #options: ResolvedDeadLetterRecorderOptions
  readonly #writes: GroupCommit<DeadLetter, Written>
  readonly #spans: MessageSpans
  #isFailing = false

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: DeadLetterRecorderOptions) {
    this.#options = resolveDeadLetterRecorderOptions(options)
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
    const letter = { ...received, tenantId: received.tenantId ?? this.#options.unknownTenantId }
    if (!isPayloadAtSource) return letter
    const stored = await sourceMessage(this.#options.broker, letter.source)
    // A stream that was made anew may hold another message in that place.
    const isSame = stored !== undefined && stored.messageId === letter.messageId
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
