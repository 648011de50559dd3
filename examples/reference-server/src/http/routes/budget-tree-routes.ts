import type { BudgetController } from '@golden-arch/budget'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { budgetStateSchema } from './budget-answers.ts'
import { readChildScopes } from './budget-children.ts'
import { budgetStateView } from './budget-view.ts'

/** What the route of the tree works with. */
export interface BudgetTreeOptions {
  readonly budgets: Pick<BudgetController, 'state'>
  readonly database: SqlDatabase
}

const DEFAULT_LIMIT = 25
const MAX_LIMIT = 100

const schema = routeSchema({
  summary: 'Lists the budgets right below the tenant or a project, the newest first',
  description: 'Without a project: those of projects. With one: those of its tasks and agents.',
  tags: ['budget'],
  querystring: z.strictObject({
    project_id: z.string().min(1).max(128).optional(),
    limit: z.coerce.number().int().min(1).max(MAX_LIMIT).optional(),
  }),
  response: { 200: z.strictObject({ budgets: z.array(budgetStateSchema), has_more: z.boolean() }) },
})

/** Adds `GET /api/v1/budget/children`. */
export function addBudgetTreeRoutes(app: FastifyInstance, { budgets, database }: BudgetTreeOptions): void {
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/api/v1/budget/children', { config: { permission: 'task:read' }, schema }, async (request) => {
      const { tenantId } = callerOf(request).principal
      const { project_id: projectId, limit = DEFAULT_LIMIT } = request.query
      const scopes = await readChildScopes(database, { tenantId, projectId, limit })
      const states = []
      // One after another: a list that somebody looks at takes no lane from calls that wait for a budget.
      for (const scope of scopes.slice(0, limit)) states.push(budgetStateView(await budgets.state(scope)))
      return { budgets: states, has_more: scopes.length > limit }
    })
}
