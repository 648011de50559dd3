import type { FastifyInstance } from 'fastify'
import { assembleGovernance } from '../../assemble-governance.ts'
import { RolePrompts } from '../../services/agent-runtime/role-prompts.ts'
import type { SharedParts } from '../../shared-parts.ts'
import { callerOf } from '../access/caller.ts'
import { addAgentRoutes } from './agent-routes.ts'
import { addEscalationRoutes } from './escalation-routes.ts'
import { addGovernanceRoutes } from './governance-routes.ts'
import { addPromptRoutes } from './prompt-routes.ts'
import { addProposalRoutes } from './proposal-routes.ts'
import { addReviewRoutes } from './review-routes.ts'

/** Adds the routes by which people govern what agents do: prompts and their proposals, reviews, escalations and agents. */
export async function addPeopleRoutes(app: FastifyInstance, system: SharedParts): Promise<void> {
  const { governor, approvals, prompts, reviews } = assembleGovernance(system)
  const rolePrompts = new RolePrompts(system)
  await app.register(async (governed) => {
    // Whoever looks at the prompts of a tenant, or changes them, finds those that its agents begin with.
    governed.addHook('preHandler', (request) => rolePrompts.seed(callerOf(request).principal.tenantId))
    addGovernanceRoutes(governed, { governor, approvals })
    addProposalRoutes(governed, { governor, approvals })
    addPromptRoutes(governed, { prompts, database: system.database })
  })
  addReviewRoutes(app, { reviews })
  addEscalationRoutes(app, { escalations: system.escalations })
  addAgentRoutes(app, system)
}
