import type { BudgetController, ReservationKey } from '@golden-arch/budget'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import {
  budgetStateSchema,
  decisionSchema,
  forecastSchema,
  limitChangeSchema,
  limitsPageSchema,
  settlementSchema,
} from './budget-answers.ts'
import { limitOrderOf, requestOf, scopeOf, usageOf } from './budget-orders.ts'
import {
  commitBody,
  forecastQuery,
  limitsBody,
  limitsQuery,
  releaseBody,
  requestBody,
  stateQuery,
} from './budget-schemas.ts'
import {
  budgetStateView,
  decisionView,
  forecastView,
  limitChangeView,
  settlementView,
} from './budget-view.ts'
import { holdIdOf, throwAsHolderKnows } from './hold-id.ts'
import { readLimitsPage } from './limits-page.ts'

/** What the budget routes work with. */
export interface BudgetRoutesOptions {
  readonly budgets: BudgetController
  readonly database: SqlDatabase
}

const USE = { permission: 'budget:use' } as const
const READ = { permission: 'task:read' } as const
const MANAGE = { permission: 'budget:manage' } as const
const TAGS = ['budget'] as const
const WHOSE =
  'A hold is settled by the caller who made it, or with `held_by` by those who may manage budgets. The holds of agents at ' +
  'work are theirs alone.'

const requestSchema = routeSchema({
  summary: 'Holds tokens, and money, before a call to a model',
  description:
    'A denial is an answer and no failure: nothing went wrong, trying again at once would not help, and a client that ' +
    'repeats failures by itself must not repeat it. So it is a 200 that says which budget lacks room, and until when. ' +
    'The same request again gets the same hold; a denial is not remembered. A hold is known by its id to the caller who ' +
    'made it alone: another may use the same id for another hold.',
  tags: TAGS,
  body: requestBody,
  response: { 200: decisionSchema, errors: [404, 409] },
})
const commitSchema = routeSchema({
  summary: 'Charges what a call used and gives the rest of its hold back',
  description: `Usage beyond the hold, and usage that comes after the hold has ended, is charged too. ${WHOSE}`,
  tags: TAGS,
  body: commitBody,
  response: { 200: settlementSchema, errors: [404, 409] },
})
const releaseSchema = routeSchema({
  summary: 'Gives a hold back: the call was certainly never sent',
  description: WHOSE,
  tags: TAGS,
  body: releaseBody,
  response: { 200: settlementSchema, errors: [404, 409] },
})
const stateSchema = routeSchema({
  summary: 'Shows the limits and counters of a budget',
  tags: TAGS,
  querystring: stateQuery,
  response: { 200: budgetStateSchema, errors: [404] },
})
const forecastRouteSchema = routeSchema({
  summary: 'Tells when the limits of a budget are reached at the rate of late',
  tags: TAGS,
  querystring: forecastQuery,
  response: { 200: forecastSchema, errors: [404] },
})
const limitsSchema = routeSchema({
  summary: 'Creates a budget or changes its limits',
  description:
    'Of a project, a task or an agent; what is left out stays as it is. The limit of a whole tenant is what the platform ' +
    'grants it: it takes system:manage, and a caller of the home tenant, who sets those of other tenants too.',
  tags: TAGS,
  body: limitsBody,
  response: { 200: limitChangeSchema, errors: [409] },
})
const limitsListSchema = routeSchema({
  summary: 'Lists the limits of all projects that have a budget of their own',
  tags: TAGS,
  querystring: limitsQuery,
  response: { 200: limitsPageSchema },
})

/** Adds `/api/v1/budget/request`, `/commit`, `/release`, `/state`, `/forecast` and `/limits`: of the caller's tenant, save limits that the platform sets. */
export function addBudgetRoutes(app: FastifyInstance, { budgets, database }: BudgetRoutesOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()

  routes.post('/api/v1/budget/request', { config: USE, schema: requestSchema }, async (request) => {
    const order = requestOf(callerOf(request).principal, request.body)
    return decisionView(await budgets.requestTokens(order).catch(throwAsHolderKnows))
  })

  routes.post('/api/v1/budget/commit', { config: USE, schema: commitSchema }, async (request) => {
    const hold = await holdOf(request, request.body)
    const usage = usageOf(request.body.usage)
    return settlementView(await budgets.commit({ ...hold, usage }).catch(throwAsHolderKnows))
  })

  routes.post('/api/v1/budget/release', { config: USE, schema: releaseSchema }, async (request) => {
    const hold = await holdOf(request, request.body)
    return settlementView(await budgets.release(hold).catch(throwAsHolderKnows))
  })

  routes.get('/api/v1/budget/state', { config: READ, schema: stateSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    return budgetStateView(await budgets.state(scopeOf(tenantId, request.query)))
  })

  routes.get('/api/v1/budget/forecast', { config: READ, schema: forecastRouteSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { window_ms: windowMs } = request.query
    const options = windowMs === undefined ? {} : { windowMs }
    return forecastView(await budgets.forecast(scopeOf(tenantId, request.query), options))
  })

  routes.put('/api/v1/budget/limits', { config: MANAGE, schema: limitsSchema }, async (request) => {
    const { principal, requireOfSystem } = callerOf(request)
    const { tenant_id: tenantId = principal.tenantId, ...order } = request.body
    if (order.project_id === undefined || tenantId !== principal.tenantId)
      await requireOfSystem('system:manage')
    return limitChangeView(await budgets.setLimit(limitOrderOf(tenantId, actorOf(request), order)))
  })

  routes.get('/api/v1/budget/limits', { config: READ, schema: limitsListSchema }, async (request) => {
    const { cursor, limit } = request.query
    const { tenantId } = callerOf(request).principal
    return await readLimitsPage(database, { tenantId, limit, cursor })
  })
}

/** The hold that a body names, where the caller may settle it. @throws AccessError `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND`. */
async function holdOf(
  request: FastifyRequest,
  { request_id, held_by }: z.infer<typeof releaseBody>,
): Promise<ReservationKey> {
  const caller = callerOf(request)
  const { tenantId, id } = caller.principal
  const holder = held_by ?? id
  if (holder !== id)
    await caller.require('budget:manage', { tenantId, kind: 'hold', id: request_id, ownerId: holder })
  return { tenantId, requestId: holdIdOf(holder, request_id) }
}
