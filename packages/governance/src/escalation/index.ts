export { decideLevel, type LevelDecision, type TimedEscalation } from './decide-level.ts'
export type {
  AcknowledgementCommand,
  AssignmentCommand,
  ResolutionCommand,
  WithdrawalCommand,
} from './escalation-command.ts'
export { ESCALATION_DECISIONS, type EscalationDecision } from './escalation-decision.ts'
export { EscalationError, type EscalationErrorCode } from './escalation-error.ts'
export type { EscalationListOptions } from './escalation-list.ts'
export {
  DEFAULT_ESCALATION_POLICY,
  type EscalationPolicy,
  type EscalationStep,
  type SeverityPolicy,
} from './escalation-policy.ts'
export type { EscalationReport } from './escalation-report.ts'
export type { EscalationKey } from './escalation-rows.ts'
export { EscalationStore, type ReportedEscalation } from './escalation-store.ts'
export type { EscalationStoreOptions } from './escalation-store-options.ts'
export { type EscalationRound, EscalationTimer } from './escalation-timer.ts'
export type { EscalationTimerOptions } from './escalation-timer-options.ts'
export type { TaskDecision, TaskSettlement } from './ports/task-settlement.ts'
export type {
  EscalationAssignment,
  EscalationFacts,
  EscalationStatus,
  EscalationSubject,
  RaisedEscalation,
  SettledBy,
} from './raised-escalation.ts'
