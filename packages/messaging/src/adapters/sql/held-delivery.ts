import type { DeliverySettlement } from '../../decision.ts'
import type { BrokerDelivery, StoredMessage } from '../../ports/message-broker.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'

/** Who carries out what a delivery asks for. */
export interface DeliveryHolder {
  settle(held: HeldDelivery, settlement: DeliverySettlement): Promise<boolean>
  renew(): Promise<void>
}

/** A claimed delivery in the hands of a receiver. */
export class HeldDelivery implements BrokerDelivery {
  readonly claimed: ClaimedDelivery
  readonly #holder: DeliveryHolder
  readonly #lost = new AbortController()
  #leaseEndsMs: number
  #isBeating = false
  #isSettled = false

  constructor(claimed: ClaimedDelivery, leaseEndsMs: number, holder: DeliveryHolder) {
    this.claimed = claimed
    this.#leaseEndsMs = leaseEndsMs
    this.#holder = holder
  }

  get message(): StoredMessage {
    return this.claimed.message
  }

  get deliveries(): number {
    return this.claimed.deliveries
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** By the monotonic clock of this process, never later than by the database's. */
  get leaseEndsMs(): number {
    return this.#leaseEndsMs
  }

  /** Whether it waits for its lease to be renewed. */
  get isBeating(): boolean {
    return this.#isBeating && !this.#isSettled
  }

  heartbeat(): void {
    if (this.#isSettled) return
    this.#isBeating = true
    void this.#holder.renew()
  }

  async settle(settlement: DeliverySettlement): Promise<boolean> {
    if (this.#isSettled) return false
    this.#isSettled = true
    return this.#holder.settle(this, settlement)
  }

  renewed(leaseEndsMs: number): void {
    this.#isBeating = false
    this.#leaseEndsMs = leaseEndsMs
  }

  /** Tells the receiver that the delivery is no longer held. */
  lose(): void {
    if (!this.#isSettled) this.#lost.abort()
  }
}
