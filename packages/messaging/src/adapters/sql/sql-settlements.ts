import type { SqlDatabase } from '@golden-arch/core/storage'
import type { Settlement } from '../../decision.ts'
import { GroupCommit } from '../../group-commit.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'
import { acknowledge, type GivenUp, giveUp, type PutBack, putBack } from './settle-deliveries.ts'

/** Carries settlements out, each kind of them in groups. */
export class SqlSettlements {
  readonly #acks: GroupCommit<ClaimedDelivery, boolean>
  readonly #putBacks: GroupCommit<PutBack, boolean>
  readonly #givenUp: GroupCommit<GivenUp, boolean>

  constructor(database: SqlDatabase, maxGroupLength: number) {
    const bounds = { maxGroupLength }
    this.#acks = new GroupCommit((group) => acknowledge(database, group), bounds)
    this.#putBacks = new GroupCommit((group) => putBack(database, group), bounds)
    this.#givenUp = new GroupCommit((group) => giveUp(database, group), bounds)
  }

  /** Whether the settlement was carried out; rejects where the database fails. */
  settle(delivery: ClaimedDelivery, settlement: Settlement): Promise<boolean> {
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
