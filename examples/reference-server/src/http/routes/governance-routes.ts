import { randomUUID } from 'node:crypto'
import type { PromptApprovals, PromptGovernor } from '@golden-arch/governance/learning'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { agentRole, freezeSchema, governanceStatusSchema, rollbackSchema } from './governance-answers.ts'
import { roleStatusView } from './governance-view.ts'

/** What the routes of learning governance work with. */
export interface GovernanceRoutesOptions {
  readonly governor: PromptGovernor
  readonly approvals: PromptApprovals
}

const READ = { permission: 'prompt:read' } as const
const APPROVE = { permission: 'prompt:approve' } as const
const TAGS = ['governance'] as const
const words = z.string().min(1).max(4000)
const params = z.object({ role: agentRole })

const statusSchema = routeSchema({
  summary: 'Shows what is in the way of an update of each role’s prompt',
  tags: TAGS,
  response: { 200: governanceStatusSchema },
})
const countSchema = routeSchema({
  summary: 'Tells how many proposals wait for people',
  tags: TAGS,
  response: { 200: z.strictObject({ count: z.int() }) },
})
const rollBackSchema = routeSchema({
  summary: 'Puts a version of a role’s prompt that was in force before in force again',
  description:
    'Whatever the limits: it uses up none and starts the cooldown. The second within 24 hours freezes the role. With the ' +
    'same `update_id` and facts it is told and not done again.',
  tags: TAGS,
  params,
  body: z.strictObject({
    to_version: z.int().min(1).max(2_147_483_647),
    expected_version: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe('The version that shall be left: where another is in force nothing is done.'),
    reason: words,
    update_id: z.string().min(1).max(256).optional().describe('Made by the server where it is absent.'),
  }),
  response: { 200: rollbackSchema, errors: [404, 409] },
})
const acknowledgeSchema = routeSchema({
  summary: 'Lets automatic updates of a frozen role go on',
  tags: TAGS,
  params,
  body: z.strictObject({ notes: words.describe('What was found and done.') }),
  response: { 200: freezeSchema, errors: [409] },
})

/** Adds the routes on how prompts may change, but for those on proposals and versions: the caller's tenant alone. */
export function addGovernanceRoutes(app: FastifyInstance, options: GovernanceRoutesOptions): void {
  const { governor, approvals } = options
  const routes = app.withTypeProvider<ZodTypeProvider>()

  for (const path of ['/api/v1/governance/status', '/governance/status']) {
    routes.get(path, { config: READ, schema: statusSchema }, async (request) => {
      const { tenantId } = callerOf(request).principal
      const roles = await governor.status({ tenantId })
      return {
        roles: roles.map(roleStatusView),
        pending_approvals: await approvals.countPending({ tenantId }),
      }
    })
  }

  routes.get('/api/v1/governance/pending_count', { config: READ, schema: countSchema }, async (request) => ({
    count: await approvals.countPending({ tenantId: callerOf(request).principal.tenantId }),
  }))

  routes.post(
    '/api/v1/governance/prompts/:role/rollback',
    { config: APPROVE, schema: rollBackSchema },
    async (request) => {
      const { to_version, expected_version, reason, update_id: updateId = randomUUID() } = request.body
      const { role } = request.params
      const { version, appliedAt, isFrozen } = await governor.rollback({
        tenantId: callerOf(request).principal.tenantId,
        updateId,
        agentRole: role,
        toVersion: to_version,
        reason,
        actor: actorOf(request),
        ...(expected_version === undefined ? {} : { expectedVersion: expected_version }),
      })
      const at = { applied_at: appliedAt.toISOString(), is_frozen: isFrozen }
      return { update_id: updateId, agent_role: role, version, ...at }
    },
  )

  routes.post(
    '/api/v1/governance/freezes/:role/acknowledge',
    { config: APPROVE, schema: acknowledgeSchema },
    async (request) => {
      const { tenantId } = callerOf(request).principal
      const { role } = request.params
      const { notes } = request.body
      const freeze = await approvals.acknowledgeFreeze({
        tenantId,
        agentRole: role,
        actor: actorOf(request),
        notes,
      })
      return {
        agent_role: freeze.agentRole,
        frozen_at: freeze.frozenAt.toISOString(),
        reason: freeze.reason,
        acknowledged_by: freeze.acknowledgedBy,
        acknowledged_at: freeze.acknowledgedAt.toISOString(),
      }
    },
  )
}
