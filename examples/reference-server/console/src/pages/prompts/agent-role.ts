import type { ProposalView } from '../../api/views.ts'

/** A role of an agent. */
export type AgentRole = ProposalView['agent_role']
