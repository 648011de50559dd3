import type { AgentRole } from '@golden-arch/core/tasks'

/** Whose prompt. */
export interface PromptRole {
  readonly tenantId: string
  readonly agentRole: AgentRole
}
