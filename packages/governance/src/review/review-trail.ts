import type { Actor, AuditEntry, AuditLog } from '@golden-arch/core/audit'
import { createEvent, type EventOutbox } from '@golden-arch/core/events'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { ReviewFacts } from './review-round.ts'

/** The part of the system that speaks where no agent or person acts. */
const SOURCE = 'governance'

/** Writes what happens to rounds into the outbox and the audit log, where there are any. */
export class ReviewTrail {
  readonly #outbox: EventOutbox | undefined
  readonly #audit: AuditLog | undefined

  constructor(outbox: EventOutbox | undefined, audit: AuditLog | undefined) {
    this.#outbox = outbox
    this.#audit = audit
  }

  /** Adds an event about the round. @throws StorageError by code. */
  async emit(tx: SqlTransaction, type: string, round: ReviewFacts, at: Date, data: object): Promise<void> {
    const { tenantId, subjectId, contentHash } = round
    const facts = { round: round.round, contentHash, ...data }
    const event = { source: SOURCE, type, tenantId, subject: subjectId, data: facts }
    await this.#outbox?.append(tx, [createEvent(event, at)])
  }

  /** Adds an entry about the round; without an actor the system itself acts. @throws StorageError by code. */
  async record(
    tx: SqlTransaction,
    action: string,
    round: ReviewFacts,
    details: object,
    act: { readonly actor?: Actor; readonly outcome?: AuditEntry['outcome'] } = {},
  ): Promise<void> {
    await this.#audit?.append(tx, {
      tenantId: round.tenantId,
      actor: act.actor ?? { id: SOURCE, kind: 'service' },
      action,
      resource: `review/${round.subjectId}/${round.round}`,
      outcome: act.outcome ?? 'allowed',
      details: { contentHash: round.contentHash, ...details },
    })
  }
}
