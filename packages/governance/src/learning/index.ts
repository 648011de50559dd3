export { AGENT_ROLES, type AgentRole } from '../agent-role.ts'
export { LearningError, type LearningErrorCode } from './learning-error.ts'
export type { LearningRules } from './learning-rules.ts'
export type { GateFinding, PromptCandidate, PromptGate } from './ports/prompt-gate.ts'
export type {
  LearningStatus,
  PromptProposal,
  PromptUpdateKey,
  ProposalDecision,
  ProposalRefusal,
} from './prompt-update.ts'
