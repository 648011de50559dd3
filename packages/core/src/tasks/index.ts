export {
  AGENT_ROLES,
  AGENT_STATUSES,
  type Agent,
  type AgentClaimRequest,
  type AgentKey,
  type AgentListOptions,
  type AgentRole,
  type AgentStatus,
  type ClaimedAgent,
  type NewAgent,
} from './agents/agent.ts'
export { AgentRegistry, type AgentRegistryOptions } from './agents/agent-registry.ts'
export {
  type AutoFix,
  type AutoFixAction,
  DEFAULT_FIX_POLICY,
  type FixOutcome,
  type FixPolicy,
  type GuardFailure,
} from './auto-fix.ts'
export { AutoFixRegistry } from './auto-fix-registry.ts'
export { decideTransition, type TransitionRules } from './decide-transition.ts'
export {
  type EffectFence,
  type EffectKey,
  EffectLedger,
  type EffectLedgerOptions,
  type EffectState,
} from './effect-ledger.ts'
export type { Escalation, EscalationSink } from './escalation-sink.ts'
export { evidenceHashOf } from './evidence-hash.ts'
export { type FixRecord, fixesOf } from './fix-records.ts'
export { GUARD_PASSED, type Guard, type GuardVerdict, READS_ALL, READS_INPUT } from './guard.ts'
export { type DetectedLoop, detectLoop, type LoopLimits, type LoopStep } from './loops/detect-loop.ts'
export { orApproved, personSaid } from './persons-guards.ts'
export {
  answerOf,
  PERSON_DECISIONS,
  type PersonDecision,
  type PersonsWord,
  personsWords,
} from './persons-word.ts'
export type { TaskLook } from './queue/task-look.ts'
export { TaskQueue, type TaskQueueOptions, type TaskWakeOptions } from './queue/task-queue.ts'
export {
  type QuotaCallOptions,
  type TaskQuota,
  TaskQuotas,
  type TaskQuotasOptions,
  type TenantQuota,
} from './queue/task-quotas.ts'
export { type TaskSweep, TaskSweeper, type TaskSweeperOptions } from './queue/task-sweeper.ts'
export type { ClaimNextOptions, StepSort } from './steps/claim-step.ts'
export type { RecoveredSteps } from './steps/recover-steps.ts'
export type {
  ClaimedStep,
  HeartbeatAnswer,
  NewStep,
  Step,
  StepFailure,
  StepKey,
  StepState,
} from './steps/step.ts'
export type { ClaimedRun, StepRunOptions } from './steps/step-run.ts'
export {
  type EndedStepsQuery,
  type StepCallOptions,
  type StepFailureOptions,
  type StepOwner,
  type StepReleaseOptions,
  TaskSteps,
} from './steps/task-steps.ts'
export type { TaskStepsOptions } from './steps/task-steps-options.ts'
export type { NewChildTask, NewTask, Task, TaskFacts, TaskKey, TaskKind } from './task.ts'
export { TaskError, type TaskErrorCode } from './task-error.ts'
export { DEFAULT_TASK_LIMITS, type TaskLimits } from './task-limits.ts'
export {
  type SettleCommand,
  type TaskCreation,
  TaskMachine,
  type TasksCreation,
  type TransitionCommand,
  type TransitionOutcome,
} from './task-machine.ts'
export type { TaskMachineOptions } from './task-machine-options.ts'
export { type FinalTaskStatus, isFinalStatus, TASK_STATUSES, type TaskStatus } from './task-status.ts'
export { type TaskListOptions, TaskStore } from './task-store.ts'
export type {
  DecidedTransition,
  EscalatedTransition,
  FixDecision,
  FixTry,
  MovedDecision,
  TransitionDecision,
  TransitionRequest,
} from './transition-decision.ts'
export { type ExplainedTransition, type TransitionRule, TransitionTable } from './transition-table.ts'
export {
  ESCALATION_LEVELS,
  type EscalationLevel,
  type WaitingFor,
  type WaitingForApproval,
  type WaitingForChildren,
  type WaitingForFix,
} from './waiting-for.ts'
