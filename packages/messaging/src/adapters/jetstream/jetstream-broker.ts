import { requireDecimalId, requireInteger } from '@golden-arch/core/errors'
import { type CloseOptions, requireDrainTimeout } from '@golden-arch/core/time'
import type { JetStreamManager } from '@nats-io/jetstream'
import type { DeadLetter } from '../../dead-letters/dead-letter.ts'
import { givenUpMessage } from '../../dead-letters/given-up-message.ts'
import { MessagingError } from '../../messaging-error.ts'
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
import { storeBatch } from './atomic-batch.ts'
import { BatchedPublications } from './batched-publications.ts'
import { ensureConsumer } from './consumer-configuration.ts'
import { handOffDeadLetter } from './dead-letter-hand-off.ts'
import { ensureStreams } from './ensure-streams.ts'
import {
  type JetStreamBrokerOptions,
  type ResolvedJetStreamBrokerOptions,
  resolveJetStreamBrokerOptions,
} from './jetstream-broker-options.ts'
import { isNotFound, translateFailure } from './jetstream-failure.ts'
import { readHeaders } from './jetstream-headers.ts'
import { type PublicationSession, publishStored, requireFittingMessage } from './jetstream-publication.ts'
import { JetStreamSubscription } from './jetstream-subscription.ts'
import { type JetStreamSupport, requireJetStreamSupport } from './jetstream-support.ts'
import { LostStreams } from './lost-streams.ts'
import { loadNatsFunctions } from './nats-client.ts'
import { PublicationReplies } from './publication-replies.ts'
import { SendTurn } from './send-turn.ts'
import { type SweepReport, sweepConsumers } from './sweep-consumers.ts'

interface Session extends PublicationSession {
  readonly manager: JetStreamManager
}

const LEAST_FLUSH_MS = 100
const MOST_FLUSH_MS = 5000

/**
 * A broker on NATS JetStream, nats-server 2.10 or newer. A publication is awaited: with a lost connection it rejects
 * within its timeout. What an acknowledgement means is the server's affair, see `durability` of the options.
 */
export class JetStreamBroker implements MessageBroker {
  readonly capabilities: BrokerCapabilities
  readonly system = 'nats'
  /** Stream that dead letters are handed to. */
  readonly deadLetterStream: string
  /** Stream of what the server says of messages that it gave up. */
  readonly advisoryStream: string
  readonly #options: ResolvedJetStreamBrokerOptions
  readonly #subscriptions = new Set<JetStreamSubscription>()
  readonly #sends = new SendTurn()
  readonly #batches: BatchedPublications | undefined
  #session: Promise<Session> | undefined
  readonly #standstills = new Map<string, string>()
  readonly #lostStreams: LostStreams
  #isClosed = false
  #waiting = 0
  #maxPayloadBytes = Number.POSITIVE_INFINITY

  /**
   * @throws InvalidOptionError `INVALID_OPTION`; JetStreamSupportError `NATS_SERVER_TOO_OLD`, `JETSTREAM_DISABLED`.
   */
  constructor(options: JetStreamBrokerOptions) {
    this.#options = resolveJetStreamBrokerOptions(options)
    this.deadLetterStream = this.#options.deadLetterStream
    this.advisoryStream = this.#options.advisoryStream
    const { hasAtomicBatches } = this.#probe()
    // Only where each publication waits for the disk is there something to share.
    if (hasAtomicBatches && this.#options.durability === 'power-loss') this.#batches = this.#newBatches()
    const { alerts, logger, deadLetterSubject } = this.#options
    this.#lostStreams = new LostStreams({
      ensure: (streams) => this.ensure(streams),
      deadLetterSubject,
      alerts,
      logger,
    })
    this.capabilities = Object.freeze({
      durability: this.#options.durability,
      dedupeWindowMs: DEFAULT_STREAM_DEFINITION.dedupeWindowMs,
      publishesInTransaction: false,
    })
  }

  async ensure(streams: readonly StreamDefinition[]): Promise<EnsureReport> {
    const { manager } = await this.#open()
    try {
      const hasBatches = this.#batches !== undefined
      const report = await ensureStreams(manager, streams, { ...this.#options, hasBatches })
      for (const { stream, subjects } of streams) {
        if (stream !== this.#options.deadLetterStream) this.#batches?.accept(stream, subjects)
      }
      this.#lostStreams.remember(streams)
      return report
    } catch (error) {
      throw translateFailure(error, {})
    }
  }

  async publish(message: OutgoingMessage, options: PublishOptions = {}): Promise<Receipt> {
    requireOutgoingMessage(message)
    const { subject } = message
    if (options.timeoutMs !== undefined)
      requireInteger('timeoutMs', options.timeoutMs, { min: 1, max: 600_000 })
    if (options.tx !== undefined) {
      const text = 'JetStream cannot publish in a transaction of a database'
      throw new MessagingError({ code: 'TRANSACTION_UNSUPPORTED', message: text, details: { subject } })
    }
    const { maxQueueLength } = this.#options
    if (this.#waiting >= maxQueueLength) throw MessagingError.overloaded(maxQueueLength)
    this.#waiting++
    try {
      return await this.#publish(message, options)
    } finally {
      this.#waiting--
    }
  }

  async subscribe(options: SubscriptionOptions, receive: DeliveryReceiver): Promise<Subscription> {
    const { client, manager } = await this.#open()
    requireSubscriptionOptions(options)
    const { acknowledge, logger, clock, deliveryMargin, deadLetterStream, advisoryStream } = this.#options
    // What follows a dead letter has nowhere further to go, so the server must never give it up.
    const isLastResort = options.stream === deadLetterStream || options.stream === advisoryStream
    const maxDeliver = isLastResort ? -1 : options.maxAttempts + deliveryMargin
    try {
      await ensureConsumer(manager, options, maxDeliver)
    } catch (error) {
      throw translateFailure(error, { stream: options.stream, durable: options.durable })
    }
    const subscription = new JetStreamSubscription({
      client,
      manager,
      options,
      receive,
      maxDeliver,
      acknowledge,
      sends: this.#sends,
      restoreStreams: () => this.#lostStreams.restore(),
      logger,
      clock,
      handOff: ({ message }, settlement) =>
        this.handOff(givenUpMessage(message, options.durable, settlement, clock.now())),
    })
    this.#subscriptions.add(subscription)
    return {
      pending: () => subscription.pending(),
      close: async (close = {}) => {
        const drainTimeoutMs = requireDrainTimeout(close)
        const endsAtMs = clock.monotonicMs() + drainTimeoutMs
        const report = await subscription.close({ drainTimeoutMs })
        this.#subscriptions.delete(subscription)
        await this.#flush(endsAtMs)
        return report
      },
    }
  }

  async findStored({ stream, sequence }: MessagePlace): Promise<StoredMessage | undefined> {
    const { manager } = await this.#open()
    requireStreamName(stream)
    const seq = Number(requireDecimalId('sequence', sequence))
    if (!Number.isSafeInteger(seq)) return undefined
    try {
      const found = await manager.streams.getMessage(stream, { seq })
      if (found === null) return undefined
      const { subject, data: payload, time: storedAt } = found
      return { stream, sequence, subject, ...readHeaders(found.header), payload, storedAt }
    } catch (error) {
      if (isNotFound(error, 'messageNotFound')) return undefined
      throw translateFailure(error, { stream, sequence })
    }
  }

  /**
   * Stores a dead letter in the dead-letter stream: true once it is acknowledged there. Where it fails, that is logged,
   * an alert is raised and the answer is false. Handing the same one over again changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION` where the source's sequence is none.
   */
  async handOff(letter: DeadLetter): Promise<boolean> {
    requireDecimalId('letter.source.sequence', letter.source.sequence)
    const { deadLetterSubject: subject, alerts, logger } = this.#options
    return handOffDeadLetter(letter, {
      publish: (message) => this.#publish(message, {}, true),
      subject,
      alerts,
      logger,
    })
  }

  /**
   * Looks after the consumers of the streams: where deliveries are unsettled and nobody pulls, the server would not
   * notice that they are used up, so it is asked for a message in a way that uses up no delivery. Raises alerts for consumers
   * that stood still unattended since the sweep before and for a dead-letter stream that is 80 % full. A stream that fails
   * keeps none of the others from being looked after, unless the server does not answer; the first failure is thrown at the end.
   * @throws MessagingError `STREAM_NOT_FOUND`, `BROKER_UNAVAILABLE` (retryable), `BROKER_CLOSED`; TimeError.
   */
  async sweep(streams: readonly string[]): Promise<SweepReport> {
    const { client, manager } = await this.#open()
    const { deadLetterStream, alerts } = this.#options
    return sweepConsumers(
      { client, manager, deadLetterStream, alerts, standstills: this.#standstills },
      streams,
    )
  }

  async close(options: CloseOptions = {}): Promise<DrainReport> {
    const drainTimeoutMs = requireDrainTimeout(options)
    this.#isClosed = true
    const endsAtMs = this.#options.clock.monotonicMs() + drainTimeoutMs
    const reports = await Promise.all([...this.#subscriptions].map((one) => one.close({ drainTimeoutMs })))
    this.#subscriptions.clear()
    await this.#flush(endsAtMs)
    const session = await this.#session?.catch(() => undefined)
    session?.replies.close()
    return {
      settled: reports.reduce((sum, { settled }) => sum + settled, 0),
      abandoned: reports.reduce((sum, { abandoned }) => sum + abandoned, 0),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #publish(message: OutgoingMessage, options: PublishOptions, isHandOff = false): Promise<Receipt> {
    const session = await this.#open(isHandOff)
    const { publishTimeoutMs, clock, connection } = this.#options
    const { timeoutMs = publishTimeoutMs, signal } = options
    // While a connection is being made anew it knows no bound; the last one holds then.
    this.#maxPayloadBytes = connection.info?.max_payload ?? this.#maxPayloadBytes
    requireFittingMessage(message, this.#maxPayloadBytes)
    const waiting = { timeoutMs, clock, signal }
    try {
      return await (this.#batches?.publish(message, waiting) ?? publishStored(session, message, waiting))
    } catch (error) {
      await this.#lostStreams.restoreFor(message.subject, error)
      throw error
    }
  }

  #newBatches(): BatchedPublications {
    const { publishTimeoutMs: timeoutMs, clock } = this.#options
    return new BatchedPublications({
      together: async (messages) => storeBatch(await this.#open(true), messages, { timeoutMs, clock }),
      alone: async (message) => publishStored(await this.#open(true), message, { timeoutMs, clock }),
    })
  }

  #probe(): JetStreamSupport {
    const { info } = this.#options.connection
    return requireJetStreamSupport(info ?? { version: '0', max_payload: 0 })
  }

  /** While the broker closes, messages in hand may still be handed over. */
  async #open(isHandOff = false): Promise<Session> {
    if (this.#isClosed && !isHandOff) {
      throw new MessagingError({ code: 'BROKER_CLOSED', message: 'the broker was closed' })
    }
    this.#session ??= this.#connect()
    try {
      return await this.#session
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }

  async #connect(): Promise<Session> {
    const { connection, publishTimeoutMs } = this.#options
    const { jetstream, createInbox, ...functions } = await loadNatsFunctions()
    const client = jetstream(connection, { timeout: publishTimeoutMs })
    // By default the connection's own prefix, the only one that it may be allowed to subscribe to.
    const { watcherPrefix } = client.getOptions()
    const replies = new PublicationReplies(connection, this.#sends, () => createInbox(watcherPrefix))
    return { ...functions, client, replies, manager: await client.jetstreamManager(false) }
  }

  /** Settlements are sent without waiting; this waits until they have left, for what remains of the time, or a moment. */
  async #flush(endsAtMs: number): Promise<void> {
    const { connection, clock } = this.#options
    if (connection.isClosed()) return
    const givenUp = Promise.withResolvers<void>()
    const remainingMs = Math.max(endsAtMs - clock.monotonicMs(), LEAST_FLUSH_MS)
    const timer = clock.schedule(Math.min(remainingMs, MOST_FLUSH_MS), givenUp.resolve)
    await Promise.race([connection.flush().catch(() => {}), givenUp.promise])
    timer.cancel()
  }
}
