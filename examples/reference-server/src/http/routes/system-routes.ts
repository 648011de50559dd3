import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { type Health, healthAnswers } from '../../health.ts'
import '../access/route-access.ts'
import { failureSchema, routeSchema, textAnswer } from '../route-schema.ts'

/** What the routes about the system itself work with. */
export interface SystemRoutesOptions {
  readonly health: Health
  readonly registry: Registry
  readonly version: string
}

const PUBLIC = { public: true } as const
const PROBE = { public: true, isProbe: true, limitPolicy: 'open' } as const
const METRICS = { permission: 'task:read', isOfSystem: true } as const
const TAGS = ['system'] as const

const component = z.enum(['healthy', 'unhealthy', 'embedded'])
const healthSchema = z
  .strictObject({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    components: z.strictObject({ api: component, database: component, redis: component, nats: component }),
  })
  .meta({ id: 'Health', description: 'How the server is, and each part that it needs.' })
const probeSchema = z.strictObject({ status: z.enum(['healthy', 'unhealthy']) }).meta({ id: 'Probe' })

const rootSchema = routeSchema({
  summary: 'Says what this is',
  tags: TAGS,
  response: {
    200: z.strictObject({ name: z.string(), version: z.string(), links: z.record(z.string(), z.string()) }),
  },
})
const reportSchema = routeSchema({
  summary: 'Shows how the server is',
  description: 'Degraded, it works on without something, more slowly: still 200.',
  tags: TAGS,
  response: { 200: healthSchema, 503: z.union([healthSchema, failureSchema]) },
})
const liveSchema = routeSchema({
  summary: 'Says whether the process lives',
  tags: TAGS,
  response: { 200: probeSchema },
})
const readySchema = routeSchema({
  summary: 'Says whether the server takes work',
  tags: TAGS,
  response: { 200: probeSchema, 503: z.union([probeSchema, failureSchema]) },
})
const metricsSchema = routeSchema({
  summary: 'Shows the metrics, for Prometheus',
  description:
    'They are of the whole process, whichever tenant its work was for. METRICS_PORT is open to scrapers without a token.',
  tags: TAGS,
  response: { 200: textAnswer('text/plain') },
})

/** Adds `/`, `/health` and `/metrics`. */
export function addSystemRoutes(app: FastifyInstance, options: SystemRoutesOptions): void {
  const { health, registry, version } = options
  const routes = app.withTypeProvider<ZodTypeProvider>()

  routes.get('/', { config: PUBLIC, schema: rootSchema }, () => ({
    name: 'Golden Architecture',
    version,
    links: {
      status: '/status',
      health: '/health',
      docs: '/docs',
      openapi: '/openapi.json',
      tasks: '/api/v1/tasks',
      login: '/api/v1/auth/login',
    },
  }))

  app.addHook('onReady', async () => {
    // The first answers, which probes would wait for, are on their way when the first probe comes.
    void health.report()
  })
  routes.get('/health', { config: PROBE, schema: reportSchema }, async (_request, reply) => {
    const { status, body } = await healthAnswers.report(health)
    return reply.status(status).send(body)
  })
  routes.get(
    '/health/live',
    { config: PROBE, schema: liveSchema },
    async () => (await healthAnswers.live()).body,
  )
  routes.get('/health/ready', { config: PROBE, schema: readySchema }, async (_request, reply) => {
    const { status, body } = await healthAnswers.ready(health)
    return reply.status(status).send(body)
  })

  routes.get('/metrics', { config: METRICS, schema: metricsSchema }, async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
