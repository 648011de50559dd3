export type { AcknowledgedFreeze, FreezeCommand } from './approvals/acknowledge-freeze.ts'
export type { ApprovalRound } from './approvals/approval-round.ts'
export type { PendingListOptions, PendingUpdate, StoredApproval } from './approvals/approval-rows.ts'
export type { ApprovalCount, ApprovalOutcome, RejectionOutcome } from './approvals/approve-update.ts'
export type { BreakGlassCommand, BreakGlassOutcome } from './approvals/break-glass.ts'
export type { HeldReason } from './approvals/decide-application.ts'
export type { Approval } from './approvals/decide-approval.ts'
export type { DecisionCommand } from './approvals/person-word.ts'
export { PromptApprovals } from './approvals/prompt-approvals.ts'
export type { PromptApprovalsOptions } from './approvals/prompt-approvals-options.ts'
export type { ProposalDossier } from './approvals/proposal-dossier.ts'
export {
  PROPOSAL_STATUSES,
  type PromptProposalRecord,
  type ProposalListOptions,
  type ProposalStatus,
} from './approvals/proposal-rows.ts'
export { canaryGate } from './canary/canary-gate.ts'
export { type CanaryPolicyOptions, DEFAULT_CANARY_POLICY } from './canary/canary-policy.ts'
export type {
  CanaryCounts,
  CanaryEnd,
  CanaryFacts,
  CanaryKey,
  CanaryPolicy,
  CanaryTrial,
} from './canary/canary-trial.ts'
export type { CanaryVerdict } from './canary/decide-canary.ts'
export {
  type CanaryStart,
  type CanaryStop,
  PromptCanary,
  type PromptCanaryOptions,
} from './canary/prompt-canary.ts'
export { type PromptChoice, promptFor } from './canary/prompt-for.ts'
export type { CanaryOutcome, RecordedOutcome } from './canary/record-outcome.ts'
export {
  type AppliedChange,
  decideLearning,
  type LearningSituation,
  type LearningState,
  type PromptChangeKind,
} from './decide-learning.ts'
export { type EvaluationGateOptions, evaluationGate } from './gates/evaluation-gate.ts'
export { type ForbiddenFragmentsOptions, forbiddenFragments } from './gates/forbidden-fragments.ts'
export type { ForbiddenFragment, FragmentSequence } from './gates/fragment-pattern.ts'
export type { DifferenceRow, LineDifference, NumberedLine } from './gates/line-difference.ts'
export type { EvaluationKey, EvaluationResult, PromptEvaluation } from './gates/prompt-evaluation.ts'
export {
  type EvaluationCommand,
  PromptEvaluations,
  type PromptEvaluationsOptions,
} from './gates/prompt-evaluations.ts'
export { type SizeOfChangeOptions, sizeOfChange } from './gates/size-of-change.ts'
export { type ThreatScanOptions, threatScan } from './gates/threat-scan.ts'
export { LearningError, type LearningErrorCode } from './learning-error.ts'
export { LearningGovernance, type LearningGovernanceOptions } from './learning-governance.ts'
export type { LearningRules } from './learning-rules.ts'
export type { GateFinding, PromptCandidate, PromptGate } from './ports/prompt-gate.ts'
export type { PromptChange, PromptChangeFacts, PromptSettlement } from './prompt-change.ts'
export {
  type LearningCallOptions,
  type LearningStatusQuery,
  PromptGovernor,
  type RoleLearning,
} from './prompt-governor.ts'
export type { PromptGovernorOptions } from './prompt-governor-options.ts'
export {
  type PromptListOptions,
  PromptRegistry,
  type PromptRegistryOptions,
  type PromptVersionKey,
  type PromptVersionTitle,
} from './prompt-registry.ts'
export type { PromptRole } from './prompt-role.ts'
export type { PromptVersion } from './prompt-rows.ts'
export type {
  LearningStatus,
  PromptProposal,
  PromptUpdateKey,
  ProposalDecision,
  ProposalRefusal,
} from './prompt-update.ts'
export type { PromptRollback, RolledBackPrompt } from './roll-back-prompt.ts'
export type { PromptSeed, SeededPrompt } from './seed-prompt.ts'
