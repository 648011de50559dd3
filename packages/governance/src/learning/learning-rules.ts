import type { AgentRole } from '@golden-arch/core/tasks'

/** How often the prompt of an agent role may change, and who must agree: a row of `learning_governance`. */
export interface LearningRules {
  readonly agentRole: AgentRole
  /** Updates applied within a day, 0 to 1000; 0 forbids them. */
  readonly maxUpdatesPerDay: number
  /** Hours from one applied change to the next update, 0 to 8760. */
  readonly cooldownHours: number
  /** Whether people must approve each update. */
  readonly requiresApproval: boolean
  /** What a day is: any 24 hours, or the calendar day in UTC. */
  readonly day: 'rolling' | 'utc'
  /** How many people must approve, 1 to 10. */
  readonly requiredApprovals: number
  /** Whether a person who approves must say why. */
  readonly requiresNotes: boolean
  /** Hours for which a proposal waits for its approvals, 1 to 8760. */
  readonly proposalTtlHours: number
}
