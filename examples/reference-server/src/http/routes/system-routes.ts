import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Health } from '../../health.ts'
import '../access/route-access.ts'

/** What the routes about the system itself work with. */
export interface SystemRoutesOptions {
  readonly health: Health
  readonly registry: Registry
  readonly version: string
}

const PUBLIC = { config: { public: true } } as const
const PROBE = { config: { public: true, isProbe: true, limitPolicy: 'open' } } as const
const READ = { config: { permission: 'task:read' } } as const

/** Adds `/`, `/health` and `/metrics`. */
export function addSystemRoutes(app: FastifyInstance, options: SystemRoutesOptions): void {
  const { health, registry, version } = options

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
}
