import { randomUUID } from 'node:crypto'
import { Bell, type CloseOptions, exponentialDelayMs, requireDrainTimeout } from '@golden-arch/core/time'
import type {
  DeliveryReceiver,
  DrainReport,
  Subscription,
  SubscriptionOptions,
} from '../../ports/message-broker.ts'
import { matchesSubject } from '../../streams/subject-pattern.ts'
import { claimDeliveries, countPending, nextDueMs } from './claim-deliveries.ts'
import { HeldDelivery } from './held-delivery.ts'
import { renew } from './settle-deliveries.ts'
import type { ResolvedSqlBrokerOptions } from './sql-broker-options.ts'
import { SqlSettlements } from './sql-settlements.ts'

const MAX_CLAIM = 500
/** How long a claim waits for more room where messages are waiting, so that few statements take many. */
const GATHER_MS = 5
/** Between claims of deliveries that fall due one after the other. */
const MIN_DUE_MS = 5
const OUTAGE = { initialDelayMs: 100, maxDelayMs: 5000 }

/** Takes the deliveries of one durable for one receiver. */
export class SqlSubscription implements Subscription {
  readonly #broker: ResolvedSqlBrokerOptions
  readonly #options: SubscriptionOptions
  readonly #receive: DeliveryReceiver
  readonly #onLook: () => void
  readonly #settlements: SqlSettlements
  readonly #bell: Bell
  readonly #closing = new AbortController()
  readonly #inHand = new Map<HeldDelivery, Promise<void>>()
  readonly #loop: Promise<void>
  /** By the monotonic clock, when something put back falls due, as far as it is known. */
  #nextDueMs = 0
  #isRenewing = false
  /** Whether the last claim took as much as it asked for, or messages came while it ran. */
  #isMoreLikely = false
  #isToldOfMore = false

  /** `onLook` is called after each look for messages that was answered. */
  constructor(
    broker: ResolvedSqlBrokerOptions,
    options: SubscriptionOptions,
    receive: DeliveryReceiver,
    onLook: () => void,
  ) {
    this.#broker = broker
    this.#options = options
    this.#receive = receive
    this.#onLook = onLook
    this.#settlements = new SqlSettlements(broker, options.durable)
    this.#bell = new Bell(broker.clock)
    this.#loop = this.#run()
  }

  get stream(): string {
    return this.#options.stream
  }

  /** What notifications call it: its stream and its durable. */
  get name(): string {
    return `${this.#options.stream} ${this.#options.durable}`
  }

  /** Whether a message of this stream and subject is for it. */
  takes(stream: string, subject: string): boolean {
    const { stream: own, subjects } = this.#options
    return stream === own && (subjects ?? ['>']).some((pattern) => matchesSubject(pattern, subject))
  }

  /** Told that there are messages: looks for them at once, or with the next claim where one is due anyway. */
  wake(): void {
    this.#isToldOfMore = true
    if (!this.#isMoreLikely) this.#bell.ring()
  }

  async pending(): Promise<number> {
    return countPending(this.#broker.database, this.#options.stream, this.#options.durable)
  }

  async close(options: CloseOptions = {}): Promise<DrainReport> {
    const drainTimeoutMs = requireDrainTimeout(options)
    const { clock } = this.#broker
    const late = Promise.withResolvers<void>()
    const timer = clock.schedule(drainTimeoutMs, late.resolve)
    const inHandBefore = this.#inHand.size
    this.#closing.abort()
    const ended = this.#loop.then(() => Promise.all(this.#inHand.values()))
    await Promise.race([ended, late.promise])
    timer.cancel()
    const abandoned = this.#inHand.size
    for (const held of this.#inHand.keys()) held.lose()
    return { settled: Math.max(0, inHandBefore - abandoned), abandoned }
  }

  async #run(): Promise<void> {
    const { clock, logger, pollIntervalMs } = this.#broker
    const { signal } = this.#closing
    let failures = 0
    while (!signal.aborted) {
      let delayMs = pollIntervalMs
      try {
        if (this.#isMoreLikely && !this.#isHalfEmpty) await this.#bell.wait(GATHER_MS, signal)
        if (signal.aborted) return
        this.#isMoreLikely = await this.#claim()
        failures = 0
        this.#onLook()
        if (this.#isMoreLikely && this.#room > 0) continue
        if (clock.monotonicMs() >= this.#nextDueMs) await this.#lookAhead()
        delayMs = Math.min(delayMs, Math.max(MIN_DUE_MS, this.#nextDueMs - clock.monotonicMs()))
      } catch (error) {
        failures++
        this.#nextDueMs = 0
        delayMs = exponentialDelayMs(failures, OUTAGE, Math.random())
        logger.error({ err: error, stream: this.stream, failures, delayMs }, 'messages not claimed')
      }
      await this.#bell.wait(delayMs, signal)
      this.#dropExpired()
    }
  }

  get #room(): number {
    return this.#options.prefetch - this.#inHand.size
  }

  get #isHalfEmpty(): boolean {
    return this.#room * 2 >= this.#options.prefetch
  }

  /** Takes what there is room for; true if there may be more. */
  async #claim(): Promise<boolean> {
    const { stream, durable, leaseMs } = this.#options
    const { database, clock } = this.#broker
    const limit = Math.min(this.#room, MAX_CLAIM)
    if (limit <= 0) return this.#isMoreLikely
    // Read before the claim is sent: the lease ends later than this reckons, never earlier.
    const nowMs = clock.monotonicMs()
    this.#isToldOfMore = false
    const claim = { stream, consumer: durable, limit, leaseMs, leaseId: randomUUID() }
    const taken = await claimDeliveries(database, claim)
    for (const claimed of taken) {
      const held = new HeldDelivery(claimed, nowMs + leaseMs, this)
      this.#inHand.set(held, this.#handle(held))
    }
    return taken.length === limit || this.#isToldOfMore
  }

  /** Asks when the next delivery falls due, be it put back by this process or by another. */
  async #lookAhead(): Promise<void> {
    const { database, clock } = this.#broker
    // What is put back while the answer is under way lowers it again.
    this.#nextDueMs = Number.POSITIVE_INFINITY
    const dueMs = await nextDueMs(database, this.#options.stream, this.#options.durable)
    if (dueMs !== null) this.#nextDueMs = Math.min(this.#nextDueMs, clock.monotonicMs() + Math.ceil(dueMs))
  }

  async #handle(held: HeldDelivery): Promise<void> {
    const { logger } = this.#broker
    // In a later turn, when the delivery is among those in hand.
    await undefined
    try {
      await this.#receive(held)
    } catch (error) {
      logger.error({ err: error, stream: this.stream }, 'a receiver of messages failed')
    }
    await held.settle({ kind: 'give-back' })
    this.#inHand.delete(held)
    if (this.#isMoreLikely && (this.#isHalfEmpty || this.#room === 1)) this.#bell.ring()
  }

  /** @internal Called by a delivery in hand. */
  async settle(held: HeldDelivery, settlement: Parameters<HeldDelivery['settle']>[0]): Promise<boolean> {
    const { clock, logger } = this.#broker
    try {
      const isDone = await this.#settlements.settle(held.claimed, settlement)
      // What comes again may be due before the pause ends. Only now: a look ahead that began before did not see it.
      if (settlement.kind === 'retry') {
        this.#nextDueMs = Math.min(this.#nextDueMs, clock.monotonicMs() + settlement.afterMs)
      }
      if (settlement.kind === 'retry' || settlement.kind === 'give-back') this.#bell.ring()
      return isDone
    } catch (error) {
      const facts = { err: error, stream: this.stream, sequence: held.message.sequence }
      logger.error({ ...facts, kind: settlement.kind }, 'a message was not settled; it comes again')
      return false
    }
  }

  /** @internal Called by a delivery in hand: renews the leases of all that asked for it, in one statement. */
  async renew(): Promise<void> {
    if (this.#isRenewing) return
    this.#isRenewing = true
    await undefined
    const { database, clock, logger } = this.#broker
    const asking = [...this.#inHand.keys()].filter((held) => held.isBeating)
    const nowMs = clock.monotonicMs()
    try {
      const answers = await renew(
        database,
        this.#options.durable,
        asking.map(({ claimed }) => claimed),
        this.#options.leaseMs,
      )
      for (const [index, held] of asking.entries()) {
        if (answers[index] === true) held.renewed(nowMs + this.#options.leaseMs)
        else held.lose()
      }
    } catch (error) {
      logger.warn({ err: error, stream: this.stream }, 'leases of messages not renewed')
    } finally {
      this.#isRenewing = false
      this.#dropExpired()
    }
  }

  #dropExpired(): void {
    const nowMs = this.#broker.clock.monotonicMs()
    for (const held of this.#inHand.keys()) if (held.leaseEndsMs <= nowMs) held.lose()
  }
}
