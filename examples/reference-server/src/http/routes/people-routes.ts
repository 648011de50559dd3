import type { FastifyInstance } from 'fastify'
import { assembleGovernance } from '../../assemble-governance.ts'
import type { SharedParts } from '../../shared-parts.ts'
import { addAgentRoutes } from './agent-routes.ts'
import { addEscalationRoutes } from './escalation-routes.ts'
import { addGovernanceRoutes } from './governance-routes.ts'
import { addPromptRoutes } from './prompt-routes.ts'
import { addProposalRoutes } from './proposal-routes.ts'
import { addReviewRoutes } from './review-routes.ts'

/** Adds the routes by which people govern what agents do: prompts and their proposals, reviews, escalations and agents. */
export function addPeopleRoutes(app: FastifyInstance, system: SharedParts): void {
  const { governor, approvals, prompts, reviews } = assembleGovernance(system)
  addGovernanceRoutes(app, { governor, approvals })
  addProposalRoutes(app, { governor, approvals })
  addPromptRoutes(app, { prompts, database: system.database })
  addReviewRoutes(app, { reviews })
  addEscalationRoutes(app, { escalations: system.escalations })
  addAgentRoutes(app, system)
}
