import {
  type Clock,
  type CloseOptions,
  requireDrainTimeout,
  type ScheduledTimer,
} from '@golden-arch/core/time'
import type { DeadLetter } from '../../dead-letters/dead-letter.ts'
import { givenUpMessage } from '../../dead-letters/given-up-message.ts'
import type { DeliverySettlement } from '../../decision.ts'
import type {
  BrokerDelivery,
  DeliveryReceiver,
  DrainReport,
  StoredMessage,
  Subscription,
  SubscriptionOptions,
} from '../../ports/message-broker.ts'
import { matchesSubject } from '../../streams/subject-pattern.ts'

interface Waiting {
  readonly message: StoredMessage
  deliveries: number
}

interface Subscriber {
  readonly options: SubscriptionOptions
  readonly receive: DeliveryReceiver
  readonly running: Set<Promise<void>>
  readonly controllers: Set<AbortController>
}

/** One durable of a stream: what waits for it, and who takes it. */
export class MemoryConsumer {
  readonly #clock: Clock
  readonly #giveUp: (letter: DeadLetter) => void
  readonly #ready: Waiting[] = []
  readonly #subscribers = new Set<Subscriber>()
  #subjects: readonly string[] = ['>']
  #unsettled = 0

  constructor(clock: Clock, giveUp: (letter: DeadLetter) => void) {
    this.#clock = clock
    this.#giveUp = giveUp
  }

  offer(message: StoredMessage): void {
    if (!this.#subjects.some((pattern) => matchesSubject(pattern, message.subject))) return
    this.#unsettled++
    this.#ready.push({ message, deliveries: 0 })
    this.#pump()
  }

  subscribe(options: SubscriptionOptions, receive: DeliveryReceiver): Subscription {
    this.#subjects = options.subjects ?? ['>']
    const subscriber: Subscriber = { options, receive, running: new Set(), controllers: new Set() }
    this.#subscribers.add(subscriber)
    this.#pump()
    return {
      pending: async () => this.#unsettled,
      close: (closing) => this.#close(subscriber, closing),
    }
  }

  #pump(): void {
    for (const subscriber of this.#subscribers) {
      while (subscriber.running.size < subscriber.options.prefetch) {
        const waiting = this.#ready.shift()
        if (waiting === undefined) return
        this.#deliver(subscriber, waiting)
      }
    }
  }

  #deliver(subscriber: Subscriber, waiting: Waiting): void {
    const { options, receive, running, controllers } = subscriber
    const controller = new AbortController()
    controllers.add(controller)
    waiting.deliveries++
    let isOver = false
    const end = (settlement: DeliverySettlement): boolean => {
      if (isOver) return false
      isOver = true
      lease.cancel()
      controllers.delete(controller)
      this.#carryOut(waiting, settlement, options.durable)
      return true
    }
    const expire = (): void => {
      if (end({ kind: 'give-back' })) controller.abort()
    }
    let lease: ScheduledTimer = this.#clock.schedule(options.leaseMs, expire)
    const delivery: BrokerDelivery = {
      message: waiting.message,
      deliveries: waiting.deliveries,
      signal: controller.signal,
      heartbeat: () => {
        if (isOver) return
        lease.cancel()
        lease = this.#clock.schedule(options.leaseMs, expire)
      },
      settle: async (settlement) => end(settlement),
    }
    const run = receive(delivery)
      .catch(() => {})
      .then(() => {
        end({ kind: 'give-back' })
        running.delete(run)
        this.#pump()
      })
    running.add(run)
  }

  #carryOut(waiting: Waiting, settlement: DeliverySettlement, consumer: string): void {
    if (settlement.kind === 'give-back') {
      // In a later turn, so that one who only gives back does not get it again before others had theirs.
      setImmediate(() => this.#putBack(waiting))
      return
    }
    if (settlement.kind === 'retry') {
      this.#clock.schedule(settlement.afterMs, () => this.#putBack(waiting))
      return
    }
    this.#unsettled--
    if (settlement.kind === 'ack') return
    this.#giveUp(givenUpMessage(waiting.message, consumer, settlement, this.#clock.now()))
  }

  #putBack(waiting: Waiting): void {
    this.#ready.push(waiting)
    this.#ready.sort((one, other) => Number(one.message.sequence) - Number(other.message.sequence))
    this.#pump()
  }

  async #close(subscriber: Subscriber, options: CloseOptions = {}): Promise<DrainReport> {
    const drainTimeoutMs = requireDrainTimeout(options)
    this.#subscribers.delete(subscriber)
    const { running, controllers } = subscriber
    const inHand = running.size
    const late = Promise.withResolvers<void>()
    const timer = this.#clock.schedule(drainTimeoutMs, late.resolve)
    await Promise.race([Promise.all(running), late.promise])
    timer.cancel()
    for (const controller of controllers) controller.abort()
    return { settled: inHand - running.size, abandoned: running.size }
  }
}
