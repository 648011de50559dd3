import type { AuditLog } from '@golden-arch/core/audit'
import {
  type Alert,
  type AlertSink,
  type Logger,
  METRICS,
  type Metrics,
} from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { ack, EventConsumer, type EventHandler, Inbox, type MessageBroker } from '@golden-arch/messaging'
import { z } from 'zod'
import { HANDLER_TIMEOUT_MS, throughOutages } from './through-outages.ts'

/** What writing budget events down needs. */
export interface BudgetAuditOptions {
  readonly broker: MessageBroker
  readonly database: SqlDatabase
  readonly audit: AuditLog
  /** Who is told of the limits of tenants and projects. */
  readonly alerts: AlertSink
  readonly logger: Logger
  readonly metrics: Metrics
  /** Milliseconds after which the events of a dead process come again. */
  readonly leaseMs: number
}

const limitSchema = z.looseObject({
  scope: z.looseObject({ projectId: z.string().optional() }),
  level: z.enum(['tenant', 'project', 'task', 'agent']),
  percent: z.number().optional(),
})
type LimitNews = z.infer<typeof limitSchema>

/**
 * Writes each budget event into the audit log, once, however often it is delivered, until the signal fires; what it says of a
 * limit is counted, and of the limit of a tenant or a project somebody is told: a task without room asks a person by itself.
 */
export async function auditBudgetEvents(options: BudgetAuditOptions, signal: AbortSignal): Promise<void> {
  const { broker, database, audit, alerts, logger, metrics, leaseMs } = options
  const consumer = new EventConsumer({
    broker,
    stream: 'BUDGETS',
    durable: 'audit-logger',
    inbox: new Inbox({ database }),
    logger,
    metrics,
    leaseMs,
    handlerTimeoutMs: HANDLER_TIMEOUT_MS,
  })
  const counters = new Map([
    ['budget.softLimitReached', metrics.counter(METRICS.budgetSoftLimits)],
    ['budget.exhausted', metrics.counter(METRICS.budgetExhaustions)],
  ])
  for (const counter of counters.values())
    for (const level of limitSchema.shape.level.options) counter.increment({ level }, 0)
  const write: EventHandler = async ({ event, once }) => {
    const written = await once((tx) =>
      audit.append(tx, {
        tenantId: event.tenantid,
        actor: { id: event.source, kind: 'service' },
        action: event.type,
        resource: `event/${event.id}`,
        outcome: event.type === 'budget.exhausted' ? 'denied' : 'allowed',
        details: { subject: event.subject ?? null },
      }),
    )
    const counter = counters.get(event.type)
    const news = limitSchema.safeParse(event.data)
    if (written.status === 'handled' && counter !== undefined && news.success) {
      counter.increment({ level: news.data.level })
      const alert = alertOf(event.tenantid, news.data)
      if (alert !== undefined) alerts.raise(alert)
    }
    return ack()
  }
  await consumer.run(throughOutages(write), { signal })
}

function alertOf(tenantId: string, { level, percent, scope }: LimitNews): Alert | undefined {
  if (level !== 'tenant' && level !== 'project') return undefined
  const { projectId } = scope
  const whose = projectId === undefined ? `tenant ${tenantId}` : `project ${projectId} of ${tenantId}`
  const key = `${tenantId}/${projectId ?? ''}`
  const about = { tenantId, key, details: { level, projectId: projectId ?? null } }
  if (percent === undefined)
    return {
      kind: 'budget.exhausted',
      severity: 'critical',
      summary: `the budget of ${whose} has no room`,
      ...about,
    }
  const summary = `the budget of ${whose} is used to ${percent} %`
  return { kind: 'budget.softLimitReached', severity: 'warning', summary, ...about }
}
