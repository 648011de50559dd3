import type { AuditLog } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { Inbox, type MessageBroker, type Subscription } from '@golden-arch/messaging'

const CONSUMER = 'audit-logger'

/** Writes each budget event that the broker delivers into the audit log, once, however often it is delivered. */
export function auditBudgetEvents(options: {
  readonly broker: MessageBroker
  readonly database: SqlDatabase
  readonly audit: AuditLog
}): Promise<Subscription> {
  const inbox = new Inbox({ database: options.database })
  return options.broker.subscribe({ consumer: CONSUMER, types: ['budget.>'] }, async ({ event, signal }) => {
    await inbox.handle(
      { consumer: CONSUMER, messageId: event.id },
      (tx) =>
        options.audit.append(tx, {
          tenantId: event.tenantid,
          actor: event.source,
          actorKind: 'service',
          action: event.type,
          resource: `event/${event.id}`,
          outcome: event.type === 'budget.exhausted' ? 'denied' : 'allowed',
          details: { subject: event.subject ?? null },
        }),
      { signal },
    )
  })
}
