import type { BudgetController } from '@golden-arch/budget'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { budgetStateSchema } from './budget-answers.ts'
import { budgetStateView } from './budget-view.ts'

/** What the route of the tree works with. */
export interface BudgetTreeOptions {
  readonly budgets: Pick<BudgetController, 'below'>
}

const schema = routeSchema({
  summary: 'Lists the budgets right below the tenant or a project, the newest first',
  description: 'Without a project: those of projects. With one: those of its tasks and agents.',
  tags: ['budget'],
  querystring: z.strictObject({
    project_id: z.string().min(1).max(128).optional(),
    cursor: z.string().max(64).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(25),
  }),
  response: {
    200: z.strictObject({ budgets: z.array(budgetStateSchema), next_cursor: z.string().nullable() }),
  },
})

/** Adds `GET /api/v1/budget/children`. */
export function addBudgetTreeRoutes(app: FastifyInstance, { budgets }: BudgetTreeOptions): void {
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/api/v1/budget/children', { config: { permission: 'task:read' }, schema }, async (request) => {
      const { tenantId } = callerOf(request).principal
      const { project_id: projectId, ...page } = request.query
      const found = await budgets.below({ tenantId, ...(projectId === undefined ? {} : { projectId }) }, page)
      return { budgets: found.items.map(budgetStateView), next_cursor: found.nextCursor }
    })
}
