import type { Logger } from '@golden-arch/core/observability'
import {
  type Clock,
  type CloseOptions,
  exponentialDelayMs,
  requireDrainTimeout,
  sleep,
  withDeadline,
} from '@golden-arch/core/time'
import type { Consumer, ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream'
import type { DeliverySettlement } from '../../decision.ts'
import type {
  DeliveryReceiver,
  DrainReport,
  Subscription,
  SubscriptionOptions,
} from '../../ports/message-broker.ts'
import { ensureConsumer } from './consumer-configuration.ts'
import { JetStreamDelivery, type JetStreamDeliveryOptions } from './jetstream-delivery.ts'
import { isNotFound, translateFailure } from './jetstream-failure.ts'
import type { SendTurn } from './send-turn.ts'
import { TERM_REASON } from './termination.ts'

/** What a subscription is made of. */
export interface JetStreamSubscriptionOptions {
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly options: SubscriptionOptions
  readonly receive: DeliveryReceiver
  readonly maxDeliver: number
  readonly acknowledge: 'single' | 'double'
  readonly sends: SendTurn
  /** Stores the message as a dead letter; false: it must stay. */
  readonly handOff: (
    delivery: JetStreamDelivery,
    settlement: Extract<DeliverySettlement, { kind: 'dead-letter' }>,
  ) => Promise<boolean>
  /** Makes the streams anew that the server has lost. */
  readonly restoreStreams: () => Promise<void>
  readonly logger: Logger
  readonly clock: Clock
}

/** How long one pull stays open; a server that was restarted has forgotten it, so the next one comes soon. */
const PULL_MS = 5000
const FAILURE_DELAY = { initialDelayMs: 100, maxDelayMs: 5000 }
const HAND_OFF_DELAY = { initialDelayMs: 1000, maxDelayMs: 60_000 }

/** Keeps a pull open for as many messages as there is room for, and settles each delivery as the receiver says. */
export class JetStreamSubscription implements Subscription {
  readonly #made: JetStreamSubscriptionOptions
  readonly #unsettled = new Set<JetStreamDelivery>()
  readonly #deliveryOptions: JetStreamDeliveryOptions
  readonly #closing = new AbortController()
  readonly #loop: Promise<void>
  #consumer: Consumer | undefined
  #messages: ConsumerMessages | undefined
  #roomMade: (() => void) | undefined
  #settled = 0
  /** Deliveries whose receiver has not ended. */
  #inHand = 0
  #handsEmpty: (() => void) | undefined

  constructor(made: JetStreamSubscriptionOptions) {
    this.#made = made
    this.#deliveryOptions = {
      leaseMs: made.options.leaseMs,
      clock: made.clock,
      carryOut: (one, settlement) => this.#carryOut(one, settlement),
      onSettled: (one) => {
        this.#unsettled.delete(one)
        this.#settled++
        this.#roomMade?.()
      },
    }
    this.#loop = this.#pullUntilClosed()
  }

  async pending(): Promise<number> {
    const { manager, options } = this.#made
    const { stream, durable } = options
    try {
      const info = await manager.consumers.info(stream, durable)
      return info.num_pending + info.num_ack_pending
    } catch (error) {
      throw translateFailure(error, { stream, durable })
    }
  }

  async close(options: CloseOptions = {}): Promise<DrainReport> {
    const drainTimeoutMs = requireDrainTimeout(options)
    const settledBefore = this.#settled
    this.#closing.abort()
    this.#messages?.stop()
    this.#roomMade?.()
    const { clock } = this.#made
    try {
      await withDeadline({ timeoutMs: drainTimeoutMs, clock }, async () => {
        await this.#loop
        await this.#receiversEnded()
      })
    } catch {
      for (const delivery of this.#unsettled) delivery.abandon()
    }
    return { settled: this.#settled - settledBefore, abandoned: this.#unsettled.size }
  }

  async #pullUntilClosed(): Promise<void> {
    const { logger, clock, options } = this.#made
    const { signal } = this.#closing
    let failures = 0
    while (!signal.aborted) {
      try {
        await this.#roomForOne()
        if (signal.aborted) return
        await this.#pullOnce()
        failures = 0
      } catch (error) {
        failures++
        const delayMs = exponentialDelayMs(failures, FAILURE_DELAY, Math.random())
        const { stream, durable } = options
        logger.warn({ err: error, stream, durable, failures, delayMs }, 'pull failed and is begun anew')
        await this.#mend(error)
        await sleep(delayMs, { signal, clock }).catch(() => {})
      }
    }
  }

  async #pullOnce(): Promise<void> {
    const { client, options } = this.#made
    this.#consumer ??= await client.consumers.get(options.stream, options.durable)
    const free = options.prefetch - this.#unsettled.size
    const messages = await this.#consumer.fetch({ max_messages: free, expires: PULL_MS })
    this.#messages = messages
    if (this.#closing.signal.aborted) messages.stop()
    for await (const native of messages) {
      // What came while the subscription was closing has not been started and goes back at once.
      if (this.#closing.signal.aborted) native.nak()
      else this.#take(native)
    }
  }

  /** A consumer that somebody deleted, alone or with its stream, is made anew; what it had settled may come again. */
  async #mend(error: unknown): Promise<void> {
    this.#consumer = undefined
    const isStreamLost = isNotFound(error, 'streamNotFound')
    if (!isStreamLost && !isNotFound(error, 'consumerNotFound')) return
    const { manager, options, maxDeliver, restoreStreams, logger } = this.#made
    try {
      if (isStreamLost) await restoreStreams()
      await ensureConsumer(manager, options, maxDeliver)
      logger.error(
        { stream: options.stream, durable: options.durable },
        'consumer was deleted and is made anew',
      )
    } catch (failure) {
      logger.warn({ err: failure }, 'consumer could not be made anew')
    }
  }

  async #roomForOne(): Promise<void> {
    while (this.#unsettled.size >= this.#made.options.prefetch && !this.#closing.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#roomMade = resolve
      })
    }
  }

  async #receiversEnded(): Promise<void> {
    if (this.#inHand === 0) return
    await new Promise<void>((resolve) => {
      this.#handsEmpty = resolve
    })
  }

  #take(native: JsMsg): void {
    const delivery = new JetStreamDelivery(native, this.#deliveryOptions)
    this.#unsettled.add(delivery)
    this.#inHand++
    void this.#hand(delivery)
  }

  async #hand(delivery: JetStreamDelivery): Promise<void> {
    try {
      await this.#made.receive(delivery)
    } catch (error) {
      this.#made.logger.error({ err: error }, 'receiver of a subscription failed')
    }
    if (!delivery.isSettled) await delivery.settle({ kind: 'give-back' })
    if (--this.#inHand === 0) this.#handsEmpty?.()
  }

  async #carryOut(delivery: JetStreamDelivery, settlement: DeliverySettlement): Promise<boolean> {
    try {
      return await this.#tellServer(delivery, settlement)
    } catch (error) {
      // The lease ends and the message comes again.
      this.#made.logger.warn({ err: error }, 'delivery not settled')
      return false
    }
  }

  #tellServer(delivery: JetStreamDelivery, settlement: DeliverySettlement): Promise<boolean> {
    const { native } = delivery
    switch (settlement.kind) {
      case 'ack':
        if (this.#made.acknowledge === 'double') return native.ackAck()
        return this.#send(() => native.ack())
      case 'retry':
        return this.#send(() => native.nak(settlement.afterMs))
      case 'give-back':
        return this.#send(() => native.nak())
      case 'dead-letter':
        return this.#giveUp(delivery, settlement)
    }
  }

  /** True once it has been sent. */
  #send(tell: () => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#made.sends.add(() => {
        try {
          tell()
          resolve(true)
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  async #giveUp(
    delivery: JetStreamDelivery,
    settlement: Extract<DeliverySettlement, { kind: 'dead-letter' }>,
  ): Promise<boolean> {
    const { native } = delivery
    if (await this.#made.handOff(delivery, settlement)) {
      native.term(TERM_REASON)
      return true
    }
    native.nak(exponentialDelayMs(Math.min(delivery.deliveries, 30), HAND_OFF_DELAY, Math.random()))
    return false
  }
}
