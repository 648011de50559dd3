/** The roles of agents. The roles of people are another type. */
export const AGENT_ROLES = ['security', 'architect', 'developer', 'reviewer', 'tester'] as const

/** A role of an agent. */
export type AgentRole = (typeof AGENT_ROLES)[number]
