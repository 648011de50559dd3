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

const pageQuery = z.strictObject({
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** Adds `/`, `/health`, `/metrics` and `/api/v1/escalations`. */
export function addSystemRoutes(app: FastifyInstance, options: SystemRoutesOptions): void {
  const { system, health, registry, version } = options

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
