import type { AuditLog } from '@golden-arch/core/audit'
import type { Logger, Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { ack, EventConsumer, type EventHandler, Inbox, type MessageBroker } from '@golden-arch/messaging'
import { throughOutages } from './through-outages.ts'

/** What writing budget events down needs. */
export interface BudgetAuditOptions {
  readonly broker: MessageBroker
  readonly database: SqlDatabase
  readonly audit: AuditLog
  readonly logger: Logger
  readonly metrics: Metrics
  /** Milliseconds after which the events of a dead process come again. */
  readonly leaseMs: number
}

/** Writes each budget event into the audit log, once, however often it is delivered, until the signal fires. */
export async function auditBudgetEvents(options: BudgetAuditOptions, signal: AbortSignal): Promise<void> {
  const { broker, database, audit, logger, metrics, leaseMs } = options
  const consumer = new EventConsumer({
    broker,
    stream: 'BUDGETS',
    durable: 'audit-logger',
    inbox: new Inbox({ database }),
    logger,
    metrics,
    leaseMs,
  })
  const write: EventHandler = async ({ event, once }) => {
    await once((tx) =>
      audit.append(tx, {
        tenantId: event.tenantid,
        actor: { id: event.source, kind: 'service' },
        action: event.type,
        resource: `event/${event.id}`,
        outcome: event.type === 'budget.exhausted' ? 'denied' : 'allowed',
        details: { subject: event.subject ?? null },
      }),
    )
    return ack()
  }
  await consumer.run(throughOutages(write), { signal })
}
