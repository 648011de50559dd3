import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { JsMsg } from '@nats-io/jetstream'
import type { DeliverySettlement } from '../../decision.ts'
import type { BrokerDelivery, StoredMessage } from '../../ports/message-broker.ts'
import { readHeaders } from './jetstream-headers.ts'

/** What a delivery needs of its subscription. */
export interface JetStreamDeliveryOptions {
  readonly leaseMs: number
  readonly clock: Clock
  /** Tells the server; true once that is done. */
  readonly carryOut: (delivery: JetStreamDelivery, settlement: DeliverySettlement) => Promise<boolean>
  /** Called once, when the delivery is settled or its settlement has failed. */
  readonly onSettled: (delivery: JetStreamDelivery) => void
}

/** A delivery that the server holds for us until its lease ends. */
export class JetStreamDelivery implements BrokerDelivery {
  readonly message: StoredMessage
  readonly deliveries: number
  /** The client's own message. */
  readonly native: JsMsg
  readonly #options: JetStreamDeliveryOptions
  readonly #controller = new AbortController()
  #timer: ScheduledTimer
  #isSettled = false

  constructor(native: JsMsg, options: JetStreamDeliveryOptions) {
    const { stream, streamSequence, deliveryCount } = native.info
    this.native = native
    this.message = {
      stream,
      sequence: String(streamSequence),
      subject: native.subject,
      ...readHeaders(native.headers),
      payload: native.data,
      storedAt: native.time,
    }
    this.deliveries = deliveryCount
    this.#options = options
    this.#timer = this.#startLease()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether a settlement was asked for. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  heartbeat(): void {
    if (this.signal.aborted || this.#isSettled) return
    this.native.working()
    this.#timer.cancel()
    this.#timer = this.#startLease()
  }

  async settle(settlement: DeliverySettlement): Promise<boolean> {
    if (this.#isSettled) return false
    this.#isSettled = true
    this.#timer.cancel()
    const isLost = this.signal.aborted
    try {
      // The server heeds an acknowledgement that comes late: what was handled need not come again.
      if (isLost && settlement.kind !== 'ack') return false
      const isDone = await this.#options.carryOut(this, settlement)
      return isDone && !isLost
    } finally {
      this.#options.onSettled(this)
    }
  }

  /** Fires the signal: nobody waits for the receiver any more. */
  abandon(): void {
    this.#timer.cancel()
    this.#controller.abort(new Error('the subscription was closed'))
  }

  #startLease(): ScheduledTimer {
    const { clock, leaseMs } = this.#options
    return clock.schedule(leaseMs, () => {
      this.#controller.abort(new Error('the lease of the delivery has ended'))
    })
  }
}
