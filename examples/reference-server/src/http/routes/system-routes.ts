import { TaskStore } from '@golden-arch/core/tasks'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { Health } from '../../health.ts'
import type { SharedParts } from '../../shared-parts.ts'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'

/** What the routes about the system itself work with. */
export interface SystemRoutesOptions {
  readonly system: SharedParts
  readonly health: Health
  readonly registry: Registry
  readonly version: string
}

const PUBLIC = { config: { public: true } } as const
const PROBE = { config: { public: true, isProbe: true, limitPolicy: 'open' } } as const
const READ = { config: { permission: 'task:read' } } as const

const budgetQuery = z.strictObject({
  project_id: z.string().min(1).max(128),
  task_id: z.string().min(1).max(256).optional(),
})

const pageQuery = z.strictObject({
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** Adds `/`, `/health`, `/metrics`, `/stats`, `/api/v1/budget/state` and `/api/v1/escalations`. */
export function addSystemRoutes(app: FastifyInstance, options: SystemRoutesOptions): void {
  const { system, health, registry, version } = options
  const store = new TaskStore()

  app.get('/', PUBLIC, () => ({
    name: 'Golden Architecture',
    version,
    links: { status: '/status', health: '/health', tasks: '/api/v1/tasks', login: '/api/v1/auth/login' },
  }))

  app.addHook('onReady', async () => {
    // The first answers, which probes would wait for, are on their way when the first probe comes.
    void health.report()
  })
  app.get('/health', PROBE, async (_request, reply) => {
    const report = await health.report()
    return reply.status(report.status === 'unhealthy' ? 503 : 200).send(report)
  })
  app.get('/health/live', PROBE, () => ({ status: 'healthy' }))
  app.get('/health/ready', PROBE, async (_request, reply) => {
    const isReady = await health.isReady()
    return reply.status(isReady ? 200 : 503).send({ status: isReady ? 'healthy' : 'unhealthy' })
  })

  app.get('/metrics', READ, async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics())
  })

  app.get('/stats', READ, async (request) => {
    const { tenantId } = callerOf(request).principal
    const byStatus = await store.countByStatus(system.database, tenantId)
    const { rows } = await system.database.query<
      Record<'open' | 'unresolved' | 'breakers' | 'reserved' | 'used', bigint | string>
    >(
      `SELECT (SELECT count(*) FROM escalations WHERE tenant_id = $1 AND status <> 'resolved') AS open,
              (SELECT count(*) FROM dlq_messages WHERE tenant_id = $1 AND NOT resolved) AS unresolved,
              (SELECT count(*) FROM circuit_breaker_state WHERE state = 'open') AS breakers,
              (SELECT coalesce(sum(reserved), 0) FROM budget_limits WHERE tenant_id = $1) AS reserved,
              (SELECT coalesce(sum(used), 0) FROM budget_limits WHERE tenant_id = $1) AS used`,
      [tenantId],
    )
    const sums = rows[0]
    return {
      tasks: { by_status: byStatus },
      escalations: { open: Number(sums?.open ?? 0) },
      dlq: { unresolved: Number(sums?.unresolved ?? 0) },
      budgets: { reserved: Number(sums?.reserved ?? 0), used: Number(sums?.used ?? 0) },
      breakers: { open: Number(sums?.breakers ?? 0) },
    }
  })

  app.get('/api/v1/budget/state', READ, async (request) => {
    const { principal } = callerOf(request)
    const { project_id, task_id } = budgetQuery.parse(request.query)
    const state = await system.budgets.state({
      tenantId: principal.tenantId,
      projectId: project_id,
      ...(task_id === undefined ? {} : { taskId: task_id }),
    })
    const { limitTokens, usedTokens, reservedTokens, availableTokens } = state
    return { limit: limitTokens, used: usedTokens, reserved: reservedTokens, available: availableTokens }
  })

  app.get('/api/v1/escalations', { config: { permission: 'escalation:resolve' } }, async (request) => {
    const { principal } = callerOf(request)
    const { cursor, limit } = pageQuery.parse(request.query)
    const page = await system.escalations.list({
      tenantId: principal.tenantId,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    return { escalations: page.items, next_cursor: page.nextCursor }
  })
}
