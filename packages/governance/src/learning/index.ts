export { AGENT_ROLES, type AgentRole } from '../agent-role.ts'
export {
  type AppliedChange,
  decideLearning,
  type LearningSituation,
  type LearningState,
  type PromptChangeKind,
} from './decide-learning.ts'
export { LearningError, type LearningErrorCode } from './learning-error.ts'
export type { LearningRules } from './learning-rules.ts'
export type { GateFinding, PromptCandidate, PromptGate } from './ports/prompt-gate.ts'
export type { PromptChange, PromptChangeFacts, PromptSettlement } from './prompt-change.ts'
export type { PromptVersion } from './prompt-rows.ts'
export type {
  LearningStatus,
  PromptProposal,
  PromptUpdateKey,
  ProposalDecision,
  ProposalRefusal,
} from './prompt-update.ts'
