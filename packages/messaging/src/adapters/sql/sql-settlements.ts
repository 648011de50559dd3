import { raiseDeadLetterAlerts } from '../../dead-letters/raise-dead-letter-alerts.ts'
import type { DeliverySettlement } from '../../decision.ts'
import { GroupCommit } from '../../group-commit.ts'
import { messageBytes } from '../../message-bytes.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'
import { acknowledge, type GivenUp, giveUp, type PutBack, putBack } from './settle-deliveries.ts'
import type { ResolvedSqlBrokerOptions } from './sql-broker-options.ts'

/** Carries the settlements of one consumer out, each kind of them in groups. */
export class SqlSettlements {
  readonly #acks: GroupCommit<ClaimedDelivery, boolean>
  readonly #putBacks: GroupCommit<PutBack, boolean>
  readonly #givenUp: GroupCommit<GivenUp, boolean>

  constructor(options: ResolvedSqlBrokerOptions, consumer: string) {
    const { database, maxBatchLength, maxBatchBytes, alerts, unknownTenantId } = options
    const bounds = { maxBatchLength }
    this.#acks = new GroupCommit((group) => acknowledge(database, consumer, group), bounds)
    this.#putBacks = new GroupCommit((group) => putBack(database, consumer, group), bounds)
    this.#givenUp = new GroupCommit(
      async (group) => {
        const { answers, recorded } = await giveUp(database, consumer, group, unknownTenantId)
        // Committed by now: an alert never speaks of what was rolled back.
        raiseDeadLetterAlerts(alerts, recorded)
        return answers
      },
      { ...bounds, size: { maxBatchBytes, bytesOf: ({ delivery }) => messageBytes(delivery.message) } },
    )
  }

  /** Whether the settlement was carried out; rejects where the database fails. */
  settle(delivery: ClaimedDelivery, settlement: DeliverySettlement): Promise<boolean> {
    switch (settlement.kind) {
      case 'ack':
        return this.#acks.add(delivery)
      case 'retry':
        return this.#putBacks.add({ delivery, afterMs: settlement.afterMs })
      case 'give-back':
        return this.#putBacks.add({ delivery, afterMs: 0 })
      case 'dead-letter':
        return this.#givenUp.add({ delivery, settlement })
    }
  }
}
