import { type Counter, type Gauge, METRICS, type Span } from '@golden-arch/core/observability'
import { Bell, exponentialDelayMs, withDeadline } from '@golden-arch/core/time'
import { encodeEvent } from './envelope.ts'
import { MessageSpans, traceContextOf } from './message-spans.ts'
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
import { MAX_PAYLOAD_BYTES } from './payload-limit.ts'

/** What one round of a relay did. */
export interface RelayRound {
  readonly claimed: number
  readonly published: number
  /** Not acknowledged; each is tried again after a pause, and its subject waits with it. */
  readonly failed: number
}

const MAX_ERROR_LENGTH = 2000

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
  async runOnce(options: { readonly signal?: AbortSignal } = {}): Promise<RelayRound> {
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
   * and at once when the database tells of new events; failures of the database are logged and paused over.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options
    const { maxBatchLength, pollIntervalMs, clock, logger, random } = this.#options
    const bell = new Bell(clock)
    await this.#listen(bell, signal)
    let failures = 0
    while (!signal.aborted) {
      let delayMs = pollIntervalMs
      try {
        const round = await this.runOnce({ signal })
        failures = 0
        if (round.claimed >= maxBatchLength) continue
        this.#lagSeconds.set(await outboxLagSeconds(this.#options.database))
      } catch (error) {
        failures++
        delayMs = exponentialDelayMs(failures, this.#options, random())
        logger.error({ err: error, failures, delayMs }, 'outbox relay round failed')
      }
      await bell.wait(delayMs, signal)
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
        broker.publish(encodeEvent(told, MAX_PAYLOAD_BYTES), { signal }),
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
