import { BudgetController } from '@golden-arch/budget'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Alert } from '@golden-arch/core/observability'
import { RecordingLogger, RecordingMetrics } from '@golden-arch/core/observability/testing'
import { OutboxRelay, STREAM_TOPOLOGY } from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openServerDatabase } from '../testing/server-database.ts'
import { auditBudgetEvents } from './budget-audit.ts'

const PATIENT = { timeout: 110_000, interval: 50 }
const actor = { id: 'ada', kind: 'human' } as const
const alerts: Alert[] = []
const metrics = new RecordingMetrics()
const stopping = new AbortController()
let database: Awaited<ReturnType<typeof openServerDatabase>>
let broker: SqlBroker
let budgets: BudgetController
let running: Promise<unknown>

beforeAll(async () => {
  database = await openServerDatabase()
  const logger = new RecordingLogger()
  broker = new SqlBroker({ database, logger, pollIntervalMs: 50 })
  await broker.ensure(STREAM_TOPOLOGY)
  const [outbox, audit] = [new SqlEventOutbox(), new SqlAuditLog()]
  budgets = new BudgetController({ database, outbox, audit })
  const { signal } = stopping
  const sink = { raise: (alert: Alert) => void alerts.push(alert) }
  running = Promise.all([
    new OutboxRelay({ database, broker, logger }).run({ signal }),
    auditBudgetEvents({ broker, database, audit, alerts: sink, logger, metrics, leaseMs: 3000 }, signal),
  ])
})
afterAll(async () => {
  stopping.abort()
  await running
  await broker.close({ drainTimeoutMs: 10_000 })
  await database.close()
})

const counted = (name: string, level: string): number =>
  metrics.counterValue(`budget_${name}_total`, { level })

it('a project at its soft limit and without room is counted and told once; of a task it is counted alone', async () => {
  const project = { tenantId: 'acme', projectId: 'p' }
  await budgets.setLimit({ scope: project, limitTokens: 100, softLimitPercents: [80], actor })
  await budgets.setLimit({
    scope: { ...project, taskId: 't' },
    limitTokens: 10,
    softLimitPercents: [80],
    actor,
  })
  const ask = (requestId: string, tokens: number, taskId: string): Promise<unknown> =>
    budgets.requestTokens({ ...project, taskId, requestId, tokens })
  await ask('a', 50, 't')
  await ask('b', 85, 'u')
  await budgets.commit({ tenantId: 'acme', requestId: 'b', usage: { totalTokens: 85 } })
  await ask('c', 50, 'u')
  await ask('d', 50, 'u')
  await expect.poll(() => counted('exhaustions', 'project'), PATIENT).toBe(1)
  expect(counted('exhaustions', 'task')).toBe(1)
  expect(counted('soft_limits', 'project')).toBe(1)
  expect(alerts).toEqual([
    expect.objectContaining({
      ...{ kind: 'budget.softLimitReached', severity: 'warning', tenantId: 'acme', key: 'acme/p' },
      summary: 'the budget of project p of acme is used to 80 %',
    }),
    expect.objectContaining({
      ...{ kind: 'budget.exhausted', severity: 'critical', tenantId: 'acme', key: 'acme/p' },
      summary: 'the budget of project p of acme has no room',
    }),
  ])
})
