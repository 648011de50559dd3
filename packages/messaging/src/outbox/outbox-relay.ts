import { type Counter, type Gauge, METRICS, type Span } from '@golden-arch/core/observability'
import { type ForgetOptions, forgetInBatches } from '@golden-arch/core/storage'
import { Bell, exponentialDelayMs, repeat, withDeadline } from '@golden-arch/core/time'
import { encodeEvent } from '../envelope.ts'
import { MessageSpans, traceContextOf } from '../message-spans.ts'
import { MAX_PAYLOAD_BYTES } from '../payload-limit.ts'
import {
  type ClaimedEvent,
  type ClaimResult,
  chainsOf,
  claimEvents,
  outboxLagSeconds,
  settleEvents,
} from './outbox-claim.ts'
import {
  type OutboxRelayOptions,
  type ResolvedOutboxRelayOptions,
  resolveOutboxRelayOptions,
} from './outbox-relay-options.ts'
import { removePublished } from './outbox-retention.ts'

/** What one round of a relay did. */
export interface RelayRound {
  readonly claimed: number
  readonly published: number
  /** Not acknowledged; each is tried again after a pause, and its subject waits with it. */
  readonly failed: number
}

const MAX_ERROR_LENGTH = 2000
const FORGET_INTERVAL_MS = 60_000
/** At most in one round, so that publication waits for no more than one statement. */
const FORGET_LIMIT = 500

/**
 * Publishes what waits in the outbox, each event at least once. Events of one tenant and subject go out in order of
 * position, one after another; different subjects, and events without one, do not wait for each other. An event that
 * fails holds back its own subject until it succeeds. Several relays may run at once: a lease keeps each subject with
 * one of them, and no transaction is open while the broker is asked.
 */
export class OutboxRelay {
  readonly #options: ResolvedOutboxRelayOptions
  readonly #published: Counter
  readonly #stored: Counter
  readonly #lagSeconds: Gauge
  readonly #spans: MessageSpans
  #nextForgetMs = 0

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: OutboxRelayOptions) {
    this.#options = resolveOutboxRelayOptions(options)
    this.#published = this.#options.metrics.counter(METRICS.outboxPublished)
    this.#stored = this.#options.metrics.counter(METRICS.messagesPublished)
    this.#lagSeconds = this.#options.metrics.gauge(METRICS.outboxLagSeconds)
    this.#spans = new MessageSpans(this.#options.tracer, this.#options.broker)
  }

  /**
   * Claims a batch, publishes it and writes down what the broker acknowledged. Once the signal has fired, what runs is
   * finished and the rest is given back.
   * @throws StorageError by code; events that were published may then be published again.
   */
  async runOnce(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<RelayRound> {
    const { database, maxBatchLength, leaseMs, publishTimeoutMs, maxConcurrent, clock } = this.#options
    // Read before the claim is sent: the lease ends later than this reckons, never earlier.
    const lastStartMs = clock.monotonicMs() + leaseMs - publishTimeoutMs
    const claimed = await claimEvents(database, maxBatchLength, leaseMs)
    const mayStart = (): boolean => options.signal?.aborted !== true && clock.monotonicMs() <= lastStartMs
    const waiting = [...chainsOf(claimed)].reverse()
    const results: ClaimResult[] = []
    const worker = async (): Promise<void> => {
      for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
        results.push(...(await this.#publishChain(chain, mayStart)))
      }
    }
    await Promise.all(Array.from({ length: Math.min(maxConcurrent, waiting.length) }, worker))
    await settleEvents(database, results)
    const count = (outcome: ClaimResult['outcome']): number =>
      results.filter((result) => result.outcome === outcome).length
    return { claimed: claimed.length, published: count('published'), failed: count('failed') }
  }

  /**
   * Publishes until the signal fires, then finishes the round at hand and resolves. It looks every `pollIntervalMs`,
   * and at once when the database tells of new events; failures of the database are logged and paused over. Events that were
   * published `retentionMs` ago are forgotten meanwhile.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options
    const { clock, logger, random, pollIntervalMs } = this.#options
    const bell = new Bell(clock)
    await this.#listen(bell, signal)
    await repeat((until) => this.#round(until), {
      ...{ signal, clock, random, bell, pollIntervalMs, backoff: this.#options },
      onFailure: (err, facts) => logger.error({ err, ...facts }, 'outbox relay round failed'),
    })
  }

  /**
   * Forgets events that were published `retentionMs` ago or before, the oldest first, save the newest of all; how many. `run`
   * does so by itself. Several processes may do so at once.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async forgetPublished(options: ForgetOptions): Promise<number> {
    return forgetInBatches(options, (retentionMs, limit) =>
      removePublished(this.#options.database, retentionMs, limit),
    )
  }

  /** True where there is more to do. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const { database, maxBatchLength } = this.#options
    const { claimed } = await this.runOnce({ signal })
    const hasMoreToForget = await this.#forgetNowAndThen()
    if (claimed >= maxBatchLength) return true
    this.#lagSeconds.set(await outboxLagSeconds(database))
    return hasMoreToForget
  }

  /** True where there is more to forget. A failure is told and paused over: events are published all the same. */
  async #forgetNowAndThen(): Promise<boolean> {
    const { clock, logger, retentionMs } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs < this.#nextForgetMs) return false
    this.#nextForgetMs = nowMs + FORGET_INTERVAL_MS
    try {
      if ((await this.forgetPublished({ retentionMs, limit: FORGET_LIMIT })) < FORGET_LIMIT) return false
      this.#nextForgetMs = nowMs
      return true
    } catch (error) {
      logger.warn({ err: error }, 'published events not forgotten')
      return false
    }
  }

  async #listen(bell: Bell, signal: AbortSignal): Promise<void> {
    const { database, logger } = this.#options
    try {
      await database.listen?.('outbox', () => bell.ring(), { signal })
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'outbox relay cannot listen and only polls')
    }
  }

  async #publishChain(
    chain: readonly ClaimedEvent[],
    mayStart: () => boolean,
  ): Promise<readonly ClaimResult[]> {
    const results: ClaimResult[] = []
    for (const claimed of chain) {
      if (!mayStart()) break
      const result = await this.#publish(claimed)
      results.push(result)
      if (result.outcome !== 'published') break
    }
    // The lease is on the first event alone; if that was not tried, another relay may have the subject now.
    const [first] = chain
    return results.length === 0 && first !== undefined ? [{ claimed: first, outcome: 'given-back' }] : results
  }

  #publish(claimed: ClaimedEvent): Promise<ClaimResult> {
    const trace = { origin: traceContextOf(claimed.event), continuesOrigin: true }
    return this.#spans.publish(claimed.event.type, trace, (span) => this.#publishIn(span, claimed))
  }

  async #publishIn(span: Span, claimed: ClaimedEvent): Promise<ClaimResult> {
    const { broker, publishTimeoutMs, clock, logger, random } = this.#options
    const { event, attempts } = claimed
    if (span.isRecording) span.setAttributes({ 'messaging.message.id': event.id })
    const told = event.traceparent === undefined ? { ...event, ...span.context } : event
    try {
      const { stream } = await withDeadline({ timeoutMs: publishTimeoutMs, clock }, (signal) =>
        broker.publish(encodeEvent(told, MAX_PAYLOAD_BYTES), { signal, timeoutMs: publishTimeoutMs }),
      )
      this.#published.increment({ type: event.type })
      this.#stored.increment({ stream })
      return { claimed, outcome: 'published' }
    } catch (error) {
      const delayMs = exponentialDelayMs(attempts + 1, this.#options, random())
      span.fail(error)
      logger.warn(
        { err: error, eventId: event.id, attempts: attempts + 1, delayMs },
        'outbox event not published',
      )
      return { claimed, outcome: 'failed', error: storableText(error), delayMs }
    }
  }
}

/** Text that PostgreSQL takes: without NUL, cut to the column's length in whole characters. */
function storableText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replaceAll('\u0000', '').slice(0, MAX_ERROR_LENGTH).toWellFormed()
}
