import { isGoldenError, requireDecimalId, requireInteger } from '@golden-arch/core/errors'
import type { SqlExecutor } from '@golden-arch/core/storage'
import { type CloseOptions, requireDrainTimeout, withDeadline } from '@golden-arch/core/time'
import { GroupCommit } from '../../group-commit.ts'
import { messageBytes } from '../../message-bytes.ts'
import { MessagingError } from '../../messaging-error.ts'
import type { AttemptStore } from '../../ports/attempt-store.ts'
import type {
  BrokerCapabilities,
  DeliveryReceiver,
  DrainReport,
  EnsureReport,
  MessageBroker,
  MessagePlace,
  OutgoingMessage,
  PublishOptions,
  Receipt,
  StoredMessage,
  Subscription,
  SubscriptionOptions,
} from '../../ports/message-broker.ts'
import { requireOutgoingMessage } from '../../require-outgoing-message.ts'
import { requireSubscriptionOptions } from '../../require-subscription-options.ts'
import {
  DEFAULT_STREAM_DEFINITION,
  requireStreamName,
  type StreamDefinition,
} from '../../streams/stream-definition.ts'
import { DeliveryAttempts } from './delivery-attempts.ts'
import { MESSAGE_COLUMNS, type MessageRow, messageOf } from './message-rows.ts'
import { pruneMessages } from './prune-messages.ts'
import {
  MESSAGES_CHANNEL,
  type Publication,
  publishMessages,
  type RoutedMessage,
} from './publish-messages.ts'
import {
  type ResolvedSqlBrokerOptions,
  resolveSqlBrokerOptions,
  type SqlBrokerOptions,
} from './sql-broker-options.ts'
import { noStream, SqlStreams } from './sql-streams.ts'
import { SqlSubscription } from './sql-subscription.ts'

const MAX_PUBLISH_TRIES = 3
/** While the database stores one group, the callers of the other go on. */
const PUBLISHED_AT_ONCE = 2
const PRUNED_AT_ONCE = 1000
const PRUNE_INTERVAL_MS = 60_000

/**
 * A broker whose streams are tables, on PostgreSQL or PGlite. A message is stored with a delivery for each consumer of
 * its stream; a delivery is taken under a lease with SKIP LOCKED, so that processes share the work; a dead letter is
 * recorded in the transaction that removes its delivery. A message stays until its stream's age is over and each
 * consumer has settled it; what would pass its stream's `maxBytes` is refused, but publications under way at one time
 * do not count one another. A message id is stored once for as long as its message stays.
 * Publications keep their order where each is awaited before the next.
 */
export class SqlBroker implements MessageBroker {
  readonly capabilities: BrokerCapabilities
  readonly attempts: AttemptStore
  readonly #options: ResolvedSqlBrokerOptions
  readonly #streams = new SqlStreams()
  readonly #publications: GroupCommit<RoutedMessage, Publication>
  readonly #subscriptions = new Set<SqlSubscription>()
  readonly #closing = new AbortController()
  #listening: Promise<void> | undefined
  #waiting = 0
  #nextPruneMs: number

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: SqlBrokerOptions) {
    this.#options = resolveSqlBrokerOptions(options)
    const { database, clock, maxBatchLength, maxBatchBytes } = this.#options
    // Processes that start together shall not all prune at the first look.
    this.#nextPruneMs = clock.monotonicMs() + PRUNE_INTERVAL_MS * Math.random()
    this.capabilities = Object.freeze({
      durability: database.capabilities.durability,
      dedupeWindowMs: DEFAULT_STREAM_DEFINITION.dedupeWindowMs,
      publishesInTransaction: true,
    })
    this.attempts = new DeliveryAttempts(database, database.capabilities.maxConcurrentTransactions === 1)
    this.#publications = new GroupCommit((group) => this.#store(group), {
      maxBatchLength,
      size: { maxBatchBytes, bytesOf: ({ message }) => messageBytes(message) },
      maxGroups: Math.min(PUBLISHED_AT_ONCE, database.capabilities.maxConcurrentTransactions),
    })
  }

  async ensure(streams: readonly StreamDefinition[]): Promise<EnsureReport> {
    this.#requireOpen()
    return this.#streams.ensure(this.#options.database, streams)
  }

  /**
   * Stores a message. Without `tx` publications that come together are stored together; with it the message comes and
   * goes with the caller's transaction.
   * @throws MessagingError `STREAM_NOT_FOUND`, `PAYLOAD_TOO_LARGE`, `BROKER_CLOSED`, `STREAM_FULL` (retryable),
   * `BROKER_OVERLOADED` (retryable); StorageError by code; TimeError `DEADLINE_EXCEEDED` (retryable), `ABORTED`.
   */
  async publish(message: OutgoingMessage, options: PublishOptions = {}): Promise<Receipt> {
    this.#requireOpen()
    requireOutgoingMessage(message)
    const { tx, signal, timeoutMs = this.#options.publishTimeoutMs } = options
    requireInteger('timeoutMs', timeoutMs, { min: 1, max: 600_000 })
    if (tx !== undefined) return this.#publishIn(message, tx, async (one) => publishMessages(tx, [one]))
    const { database, clock, maxQueueLength } = this.#options
    const deadline = { timeoutMs, clock, signal }
    try {
      return await this.#publishIn(message, database, (one) =>
        withDeadline(deadline, async () => {
          if (this.#waiting >= maxQueueLength) throw MessagingError.overloaded(maxQueueLength)
          this.#waiting++
          return [await this.#publications.add(one).finally(() => this.#waiting--)]
        }),
      )
    } finally {
      this.#pruneNowAndThen()
    }
  }

  async subscribe(options: SubscriptionOptions, receive: DeliveryReceiver): Promise<Subscription> {
    this.#requireOpen()
    await this.#streams.addConsumer(this.#options.database, requireSubscriptionOptions(options))
    await this.#listen()
    const subscription = new SqlSubscription(this.#options, options, receive, () => this.#pruneNowAndThen())
    this.#subscriptions.add(subscription)
    return {
      pending: () => subscription.pending(),
      close: (closing) => {
        this.#subscriptions.delete(subscription)
        return subscription.close(closing)
      },
    }
  }

  async findStored({ stream, sequence }: MessagePlace): Promise<StoredMessage | undefined> {
    const { rows } = await this.#options.database.query<MessageRow>(
      `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.stream = $1 AND m.sequence = $2`,
      [requireStreamName(stream), requireDecimalId('sequence', sequence)],
    )
    return rows[0] === undefined ? undefined : messageOf(rows[0])
  }

  async close(options: CloseOptions = {}): Promise<DrainReport> {
    const drainTimeoutMs = requireDrainTimeout(options)
    this.#closing.abort()
    const reports = await Promise.all([...this.#subscriptions].map((one) => one.close({ drainTimeoutMs })))
    this.#subscriptions.clear()
    return {
      settled: reports.reduce((sum, { settled }) => sum + settled, 0),
      abandoned: reports.reduce((sum, { abandoned }) => sum + abandoned, 0),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Routes the message by what is known of the streams, and looks at them again where that proves wrong. */
  async #publishIn(
    message: OutgoingMessage,
    executor: SqlExecutor,
    store: (message: RoutedMessage) => Promise<readonly Publication[]>,
  ): Promise<Receipt> {
    for (let tries = 1; ; tries++) {
      const { stream, is_bounded: isBounded } = await this.#streams.taking(message.subject, executor)
      const [outcome = 'no-stream'] = await store({ stream, isBounded, message })
      if (typeof outcome === 'object') return outcome
      if (outcome === 'no-stream') throw noStream(stream)
      if (outcome === 'stream-full' || tries === MAX_PUBLISH_TRIES) throw streamFull(stream)
      this.#streams.forget()
    }
  }

  async #store(group: readonly RoutedMessage[]): Promise<readonly Publication[]> {
    for (let tries = 1; ; tries++) {
      try {
        const receipts = await publishMessages(this.#options.database, group)
        this.#wakeFor(group)
        return receipts
      } catch (error) {
        // Two processes that publish the same ids in different orders; what was rolled back may be stored again.
        if (!isGoldenError(error, 'DEADLOCK') || tries === MAX_PUBLISH_TRIES) throw error
      }
    }
  }

  /** Only those who take one of the messages: a look of each other consumer of the stream would be for nothing. */
  #wakeFor(group: readonly RoutedMessage[]): void {
    for (const one of this.#subscriptions) {
      if (group.some(({ stream, message }) => one.takes(stream, message.subject))) one.wake()
    }
  }

  #listen(): Promise<void> {
    const { database, logger } = this.#options
    this.#listening ??= (async () => {
      try {
        const wake = (consumer: string): void => {
          for (const one of this.#subscriptions) if (one.name === consumer) one.wake()
        }
        await database.listen?.(MESSAGES_CHANNEL, wake, { signal: this.#closing.signal })
      } catch (error) {
        logger.warn({ err: error }, 'the broker cannot listen and only polls')
      }
    })()
    return this.#listening
  }

  #pruneNowAndThen(): void {
    const { database, clock, logger } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs < this.#nextPruneMs) return
    this.#nextPruneMs = nowMs + PRUNE_INTERVAL_MS
    const warn = (err: unknown, stream?: string): void =>
      logger.warn({ err, stream }, 'old messages not removed')
    pruneMessages(database, PRUNED_AT_ONCE, warn).then((count) => {
      if (count >= PRUNED_AT_ONCE) this.#nextPruneMs = 0
    }, warn)
  }

  #requireOpen(): void {
    if (!this.#closing.signal.aborted) return
    throw new MessagingError({ code: 'BROKER_CLOSED', message: 'the broker is closed' })
  }
}

function streamFull(stream: string): MessagingError {
  return new MessagingError({
    code: 'STREAM_FULL',
    message: 'the stream has reached its bound',
    retryable: true,
    details: { stream },
  })
}
