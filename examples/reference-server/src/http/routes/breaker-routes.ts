import type { AuditLog } from '@golden-arch/core/audit'
import { type CircuitBreakerRegistry, type CircuitOrder, ResilienceError } from '@golden-arch/core/resilience'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { type BoardedBreaker, type BreakerBoard, compareNames } from '../breaker-board.ts'
import { routeSchema } from '../route-schema.ts'

/** What the routes of circuit breakers work with. */
export interface BreakerRoutesOptions {
  readonly registry: CircuitBreakerRegistry
  readonly board: BreakerBoard
  readonly database: SqlDatabase
  readonly audit: AuditLog
}

const READ = { permission: 'task:read' } as const
const MANAGE = { permission: 'breaker:manage' } as const
const TAGS = ['circuit breakers'] as const
const MAX_TOLD = 100
const MAX_CHANGES = 200

const name = z.string().min(1).max(256)
const params = z.object({ name: name.describe('A name, or a pattern in which * stands for any letters.') })
const breakerSchema = z
  .strictObject({
    name: z.string(),
    state: z.enum(['closed', 'open', 'half-open', 'forced-open', 'forced-closed', 'disabled']),
    failure_count: z.int().describe('Failures since the last success.'),
    reason: z.string().nullable(),
    retry_after_ms: z.int().nullable().describe('Milliseconds until a probe may be let through.'),
    last_failure_at: z.iso.datetime().nullable().describe('When it last opened for failures.'),
  })
  .meta({ id: 'CircuitBreaker' })
const orderSchema = z
  .strictObject({
    changed: z.int().describe('How many circuits there are for it.'),
    breakers: z.array(breakerSchema).describe(`As they are now, ${MAX_TOLD} at most.`),
  })
  .meta({ id: 'BreakerOrder' })

const listSchema = routeSchema({
  summary: 'Lists the circuit breakers of all processes, by name',
  description:
    'They belong to the system and to no tenant: all tenants see them, and the home tenant alone gives orders.',
  tags: TAGS,
  querystring: z.strictObject({
    pattern: name.optional().describe('* stands for any letters.'),
    cursor: z.string().min(1).max(1400).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  response: {
    200: z.strictObject({ breakers: z.array(breakerSchema), next_cursor: z.string().nullable() }),
  },
})
const historySchema = routeSchema({
  summary: 'Shows what a circuit became of late, the newest change first',
  description: 'Of the last 30 days, 200 changes at most. Of one that was not heard of there are none.',
  tags: TAGS,
  params: z.object({ name }),
  response: {
    200: z.strictObject({
      changes: z.array(
        z.strictObject({
          state: z.enum(['closed', 'open', 'forced-open', 'forced-closed', 'disabled']),
          reason: z.string().nullable(),
          at: z.iso.datetime(),
        }),
      ),
    }),
  },
})
const forceSchema = routeSchema({
  summary: 'Holds a circuit in a state, in all processes, until it is reset or forced otherwise',
  tags: TAGS,
  params,
  body: z.strictObject({
    state: z.enum(['open', 'closed', 'disabled']).describe('disabled: calls pass unwatched.'),
    reason: z.string().min(1).max(200).optional().describe('Why, as every tenant reads it.'),
  }),
  response: { 200: orderSchema, errors: [404] },
})
const resetSchema = routeSchema({
  summary: 'Closes a circuit in all processes and lifts what holds it',
  tags: TAGS,
  params,
  response: { 200: orderSchema, errors: [404] },
})
const resetAllSchema = routeSchema({
  summary: 'Closes every circuit in all processes and lifts all that holds one',
  tags: TAGS,
  response: { 200: orderSchema },
})

const ORDERS = {
  open: (registry: CircuitBreakerRegistry, pattern: string, order: CircuitOrder) =>
    registry.forceOpen(pattern, order),
  closed: (registry: CircuitBreakerRegistry, pattern: string, order: CircuitOrder) =>
    registry.forceClose(pattern, order),
  disabled: (registry: CircuitBreakerRegistry, pattern: string, order: CircuitOrder) =>
    registry.disable(pattern, order),
  reset: (registry: CircuitBreakerRegistry, pattern: string) => registry.reset(pattern),
} as const

/** Adds `/api/v1/circuit-breakers`, `/{name}/history`, `/{name}/force`, `/{name}/reset` and `/reset_all`, and their aliases. */
export function addBreakerRoutes(app: FastifyInstance, options: BreakerRoutesOptions): void {
  const { registry, board, database, audit } = options
  const routes = app.withTypeProvider<ZodTypeProvider>()

  /** Circuits belong to no transaction: the act is written down before it is done, so that none is done unseen. */
  const order = async (
    request: FastifyRequest,
    pattern: string,
    act: keyof typeof ORDERS,
    reason: string,
  ): Promise<z.infer<typeof orderSchema>> => {
    const known = await board.list(pattern)
    const isUnknown = known.length === 0 && !pattern.includes('*')
    if (isUnknown && !(await board.isHeldByPattern(pattern))) {
      const message = `there is no circuit ${pattern}`
      throw new ResilienceError({ code: 'CIRCUIT_NOT_FOUND', message, policy: pattern })
    }
    await database.transaction((tx) =>
      audit.append(tx, {
        tenantId: callerOf(request).principal.tenantId,
        actor: actorOf(request),
        action: act === 'reset' ? 'breaker.reset' : 'breaker.force',
        resource: `breaker/${pattern}`,
        outcome: 'allowed',
        details: act === 'reset' ? {} : { state: act, reason },
      }),
    )
    // One that another process alone has is known here by its name, so that the order reaches it.
    const names = isUnknown ? [pattern] : known.map(({ name }) => name).filter((name) => !name.includes('*'))
    for (const name of names) if (registry.list(name).length === 0) registry.get(name)
    const changed = ORDERS[act](registry, pattern, { actor: actorOf(request), reason })
    const breakers = await board.list(pattern)
    return { changed, breakers: breakers.slice(0, MAX_TOLD).map(breakerView) }
  }

  for (const path of ['/api/v1/circuit-breakers', '/circuit-breakers']) {
    routes.get(path, { config: READ, schema: listSchema }, async (request) => {
      const { pattern, cursor, limit } = request.query
      const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8')
      const rest = (await board.list(pattern)).filter((one) => compareNames(one.name, after) > 0)
      const kept = rest.slice(0, limit)
      const last = kept.at(-1)
      const hasMore = rest.length > limit && last !== undefined
      return {
        breakers: kept.map(breakerView),
        next_cursor: hasMore ? Buffer.from(last.name).toString('base64url') : null,
      }
    })
  }

  routes.get(
    '/api/v1/circuit-breakers/:name/history',
    { config: READ, schema: historySchema },
    async (request) => {
      const changes = await board.history(request.params.name, MAX_CHANGES)
      return {
        changes: changes.map(({ status: state, reason, at }) => ({ state, reason, at: at.toISOString() })),
      }
    },
  )

  routes.post(
    '/api/v1/circuit-breakers/:name/force',
    { config: MANAGE, schema: forceSchema },
    async (request) => {
      const { state, reason } = request.body
      // Every tenant reads it: who gave the order stands in the audit log.
      return await order(request, request.params.name, state, reason ?? 'held by a person')
    },
  )
  routes.post('/api/v1/circuit-breakers/:name/reset', { config: MANAGE, schema: resetSchema }, (request) =>
    order(request, request.params.name, 'reset', ''),
  )
  for (const path of ['/api/v1/circuit-breakers/reset_all', '/admin/circuit-breaker/reset']) {
    routes.post(path, { config: MANAGE, schema: resetAllSchema }, (request) =>
      order(request, '*', 'reset', ''),
    )
  }
}

function breakerView(breaker: BoardedBreaker): z.infer<typeof breakerSchema> {
  return {
    name: breaker.name,
    state: breaker.status,
    failure_count: breaker.failureCount,
    reason: breaker.reason,
    retry_after_ms: breaker.retryAfterMs,
    last_failure_at: breaker.lastFailureAt?.toISOString() ?? null,
  }
}
