export {
  ATTEMPTS_EXHAUSTED,
  decideTransition,
  type RemediationPolicy,
  type TransitionDecision,
  type TransitionRequest,
} from './decide-transition.ts'
export { type EffectKey, EffectLedger, type EffectState } from './effect-ledger.ts'
export type { Escalation, EscalationSink } from './escalation-sink.ts'
export { GUARD_PASSED, type Guard, type GuardVerdict } from './guard.ts'
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
export type { ClaimedRun, RunOptions } from './steps/step-run.ts'
export { type StepFailureOptions, TaskSteps } from './steps/task-steps.ts'
export type { TaskStepsOptions } from './steps/task-steps-options.ts'
export type { NewTask, Task, TaskFacts, TaskKey, TaskKind } from './task.ts'
export { type ClaimedTask, TaskClaims, type TaskClaimsOptions } from './task-claims.ts'
export { TaskError, type TaskErrorCode } from './task-error.ts'
export {
  TaskMachine,
  type TaskMachineOptions,
  type TransitionCommand,
  type TransitionOutcome,
} from './task-machine.ts'
export { isFinalStatus, TASK_STATUSES, type TaskStatus } from './task-status.ts'
export { type TaskListOptions, TaskStore } from './task-store.ts'
export { type TransitionRule, TransitionTable } from './transition-table.ts'
