export type { McpEscalations } from './add-escalation-tools.ts'
export { addGovernanceTools, type GovernanceMcpOptions } from './add-governance-tools.ts'
export type { McpApprovals } from './add-prompt-update-tools.ts'
