import { isGoldenError } from '@golden-arch/core/errors'
import type { EventEnvelope } from '@golden-arch/core/events'
import type { Span } from '@golden-arch/core/observability'
import { withDeadline } from '@golden-arch/core/time'
import { checkEventData } from '../check-event-data.ts'
import type { DeliverySettlement } from '../decision.ts'
import type { Delivery, EventHandler } from '../delivery.ts'
import { decodeEvent } from '../envelope.ts'
import { describeSettlement, MessageSpans } from '../message-spans.ts'
import { MessagingError } from '../messaging-error.ts'
import type { AttemptKey, Attempts } from '../ports/attempt-store.ts'
import type { BrokerDelivery, DrainReport, Subscription } from '../ports/message-broker.ts'
import { AttemptMarks } from './attempt-marks.ts'
import { ConsumerMetrics } from './consumer-metrics.ts'
import {
  type DeliveryDecision,
  type DeliveryFacts,
  decideDelivery,
  decideStart,
  describeError,
  type HandlerOutcome,
} from './decide-delivery.ts'
import type { ResolvedEventConsumerOptions } from './event-consumer-options.ts'
import { HandlerSlots } from './handler-slots.ts'
import { retryDelayMs } from './redelivery-options.ts'

/** What a run did. */
export interface ConsumerReport {
  readonly handled: number
  readonly retried: number
  readonly deadLettered: number
  /** Taken from the broker and returned without a start. */
  readonly givenBack: number
  /** Still running when the consumer stopped waiting; they come again. */
  readonly abandoned: number
}

/** Heartbeats in one lease: two may be late before it is lost. */
const HEARTBEATS_PER_LEASE = 3
const NO_ATTEMPTS: Attempts = { starts: 0, isInterrupted: false, lastFailure: null }

/** One run of a consumer: what it holds, and what it has done. */
export class ConsumerRun<Data> {
  readonly #options: ResolvedEventConsumerOptions<Data>
  readonly #handler: EventHandler<Data>
  readonly #slots: HandlerSlots
  readonly #marks: AttemptMarks
  readonly #metrics: ConsumerMetrics
  readonly #spans: MessageSpans
  readonly #held = new Set<BrokerDelivery>()
  readonly #counts = { ack: 0, retry: 0, 'dead-letter': 0, 'give-back': 0 }

  constructor(options: ResolvedEventConsumerOptions<Data>, handler: EventHandler<Data>) {
    this.#options = options
    this.#handler = handler
    this.#slots = new HandlerSlots(options.maxConcurrent)
    this.#marks = new AttemptMarks(options.attempts, options.logger)
    this.#metrics = new ConsumerMetrics(options.metrics, options.stream, options.durable)
    this.#spans = new MessageSpans(options.tracer, options.broker, options.durable)
  }

  /** Handles messages until the signal fires, then drains. */
  async until(signal: AbortSignal): Promise<ConsumerReport> {
    const { broker, stream, durable, subjects, startAt, prefetch, leaseMs, retry, drainTimeoutMs } =
      this.#options
    await this.#options.attempts.prune({ stream, consumer: durable })
    const subscription = await broker.subscribe(
      {
        stream,
        durable,
        subjects,
        startAt,
        prefetch,
        leaseMs,
        maxAttempts: retry.maxAttempts + retry.maxPostponements,
      },
      (delivery) => this.#receive(delivery),
    )
    const stopBeating = this.#beat(subscription)
    await aborted(signal)
    this.#slots.close()
    let drained: DrainReport
    try {
      drained = await subscription.close({ drainTimeoutMs })
    } finally {
      stopBeating()
    }
    const { ack, retry: retried, 'dead-letter': deadLettered, 'give-back': givenBack } = this.#counts
    return { handled: ack, retried, deadLettered, givenBack, abandoned: drained.abandoned }
  }

  #beat(subscription: Subscription): () => void {
    const { clock, leaseMs, logger } = this.#options
    const beat = (): void => {
      for (const delivery of this.#held) delivery.heartbeat()
      subscription.pending().then(
        (pending) => this.#metrics.pending(pending),
        (error: unknown) => logger.debug({ err: error }, 'pending messages not counted'),
      )
      timer = clock.schedule(leaseMs / HEARTBEATS_PER_LEASE, beat)
    }
    let timer = clock.schedule(leaseMs / HEARTBEATS_PER_LEASE, beat)
    return () => timer.cancel()
  }

  async #receive(delivery: BrokerDelivery): Promise<void> {
    this.#held.add(delivery)
    try {
      await this.#process(delivery)
    } finally {
      this.#held.delete(delivery)
    }
  }

  async #process(delivery: BrokerDelivery): Promise<void> {
    const { retry, logger } = this.#options
    const key = this.#keyOf(delivery)
    let tenantId: string | null = null
    let event: EventEnvelope<Data>
    try {
      const decoded = decodeEvent(delivery.message)
      tenantId = decoded.tenantid
      event = await this.#check(decoded, delivery.signal)
    } catch (error) {
      return this.#spans.process(delivery, null, (span) =>
        this.#refuse(delivery, key, { tenantId, error }, span),
      )
    }
    try {
      const before = delivery.deliveries > 1 ? await this.#marks.read(key) : NO_ATTEMPTS
      const start = decideStart(before, retry)
      if (start.kind === 'exhausted') return await this.#giveUp(delivery, key, event, before)
      if (!(await this.#slots.acquire(start.isAlone))) {
        return await this.#settle(delivery, key, { kind: 'give-back' })
      }
    } catch (error) {
      logger.error({ err: error, eventId: event.id }, 'attempts of a message not read')
      return this.#settle(delivery, key, this.#postponed(error, delivery))
    }
    await this.#spans.process(delivery, event, (span) => this.#start(delivery, key, event, span))
  }

  /** Settles what cannot be read or does not fit; where the schema gave no answer, an attempt is used up. */
  async #refuse(
    delivery: BrokerDelivery,
    key: AttemptKey,
    { tenantId, error }: { readonly tenantId: string | null; readonly error: unknown },
    span: Span,
  ): Promise<void> {
    if (delivery.signal.aborted) return // its lease was lost: another process has it
    const { logger } = this.#options
    let decision: DeliveryDecision
    try {
      const attempt = isGoldenError(error, 'SCHEMA_TIMEOUT') ? await this.#marks.start(key) : 0
      decision = this.#decide({ status: 'threw', error }, delivery, { attempt, tenantId })
    } catch (failure) {
      logger.error({ err: failure }, 'start of a check not stored')
      decision = this.#postponed(failure, delivery)
    }
    await this.#settle(delivery, key, decision, span)
  }

  async #start(
    delivery: BrokerDelivery,
    key: AttemptKey,
    event: EventEnvelope<Data>,
    span: Span,
  ): Promise<void> {
    const { logger } = this.#options
    let decision: DeliveryDecision
    try {
      if (delivery.signal.aborted) return // its lease was lost while it waited: another process has it
      const attempt = await this.#marks.start(key)
      const outcome = await this.#call(delivery, event, attempt, span)
      decision = this.#decide(outcome, delivery, { attempt, tenantId: event.tenantid })
    } catch (error) {
      logger.error({ err: error, eventId: event.id }, 'start of a handler not stored')
      span.fail(error)
      decision = this.#postponed(error, delivery)
    } finally {
      this.#slots.release()
    }
    await this.#settle(delivery, key, decision, span)
  }

  #decide(
    outcome: HandlerOutcome,
    { deliveries }: BrokerDelivery,
    facts: Pick<DeliveryFacts, 'attempt' | 'tenantId'>,
  ): DeliveryDecision {
    const { retry, random } = this.#options
    return decideDelivery(outcome, { ...facts, deliveries, random: random() }, retry)
  }

  async #call(
    held: BrokerDelivery,
    event: EventEnvelope<Data>,
    attempt: number,
    span: Span,
  ): Promise<HandlerOutcome> {
    const { handlerTimeoutMs, clock, logger } = this.#options
    const startedAtMs = clock.monotonicMs()
    const deadline = { timeoutMs: handlerTimeoutMs, signal: held.signal, clock }
    try {
      const decision = await withDeadline(deadline, async (signal) =>
        this.#handler(this.#deliveryOf(held, event, attempt, signal)),
      )
      return { status: 'answered', decision }
    } catch (error) {
      logger.warn({ err: error, eventId: event.id, attempt }, 'message handler failed')
      span.fail(error)
      return { status: 'threw', error }
    } finally {
      this.#metrics.handlerTook(clock.monotonicMs() - startedAtMs)
    }
  }

  #deliveryOf(
    { message, deliveries }: BrokerDelivery,
    event: EventEnvelope<Data>,
    attempt: number,
    signal: AbortSignal,
  ): Delivery<Data> {
    const { inbox, durable } = this.#options
    return {
      event,
      attempt,
      deliveries,
      source: { stream: message.stream, sequence: message.sequence, consumer: durable },
      signal,
      once: async (effect) => {
        if (inbox === null) {
          throw new MessagingError({ code: 'INBOX_REQUIRED', message: 'the consumer was given no inbox' })
        }
        return inbox.handle({ consumer: durable, messageId: event.id }, effect, { signal })
      },
    }
  }

  #giveUp(
    delivery: BrokerDelivery,
    key: AttemptKey,
    event: EventEnvelope<Data>,
    attempts: Attempts,
  ): Promise<void> {
    const failure = attempts.lastFailure
    const { reason, code } =
      attempts.isInterrupted || failure === null
        ? { reason: 'the process ended while the handler ran', code: 'ATTEMPTS_EXHAUSTED' }
        : failure
    const facts = { attempts: attempts.starts, tenantId: event.tenantid }
    const settlement: DeliverySettlement = { kind: 'dead-letter', reason, code, ...facts }
    return this.#spans.process(delivery, event, (span) => this.#settle(delivery, key, settlement, span))
  }

  /**
   * Where attempts cannot be counted nothing starts. The message waits longer each time it comes: a broker that bounds its
   * deliveries would else give it up within a short outage.
   */
  #postponed(error: unknown, { deliveries }: BrokerDelivery): DeliverySettlement {
    const { retry, random } = this.#options
    return { kind: 'retry', afterMs: retryDelayMs(deliveries, retry, random()), reason: describeError(error) }
  }

  async #settle(
    delivery: BrokerDelivery,
    key: AttemptKey,
    decision: DeliveryDecision,
    span?: Span,
  ): Promise<void> {
    const { kind } = decision
    // A lost delivery is another's to judge; that it was handled counts all the same.
    if (delivery.signal.aborted && kind !== 'ack') return
    // The end is stored before the message leaves our hands: who gets it next must not take it for a crash.
    if (kind === 'retry' || kind === 'postpone') {
      await this.#marks.end({ key, reason: decision.reason, code: 'RETRIED', isCounted: kind === 'retry' })
    }
    if (kind === 'dead-letter') {
      await this.#marks.end({ key, reason: decision.reason, code: decision.code, isCounted: true })
    }
    const settlement: DeliverySettlement = kind === 'postpone' ? { ...decision, kind: 'retry' } : decision
    if (!(await delivery.settle(settlement))) return
    if (kind === 'ack' || kind === 'dead-letter') await this.#marks.forget(key)
    if (span !== undefined) describeSettlement(span, settlement)
    this.#counts[settlement.kind]++
    this.#metrics.settled(settlement)
  }

  async #check(event: EventEnvelope, signal: AbortSignal): Promise<EventEnvelope<Data>> {
    const { schema, schemaTimeoutMs: timeoutMs, clock } = this.#options
    if (schema !== null) return checkEventData(event, schema, { timeoutMs, clock, signal })
    return event as EventEnvelope<Data> // without a schema the caller's type is the only word on the data
  }

  #keyOf({ message, deliveries }: BrokerDelivery): AttemptKey {
    const { stream, sequence, messageId } = message
    return { stream, consumer: this.#options.durable, sequence, messageId, deliveries }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
