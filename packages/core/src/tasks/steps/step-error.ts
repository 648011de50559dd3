import { TaskError } from '../task-error.ts'
import type { StepKey, StepState } from './step.ts'

/** The error of a step that nobody asked for. */
export function stepNotFound({ tenantId, taskId, stepId }: StepKey): TaskError {
  return new TaskError({
    code: 'STEP_NOT_FOUND',
    message: `task ${taskId} has no step ${stepId}`,
    details: { tenantId, taskId, stepId },
  })
}

/** The error of a holder that writes after its step was taken by another or has ended; `details.state` says which. */
export function stepLeaseLost({ tenantId, taskId, stepId }: StepKey, state: StepState): TaskError {
  return new TaskError({
    code: 'STEP_LEASE_LOST',
    message: `the claim of step ${stepId} no longer holds: it is ${state}`,
    details: { tenantId, taskId, stepId, state },
  })
}

/** The error of a step asked for a task that has ended. */
export function taskEnded(tenantId: string, taskId: string, status: string): TaskError {
  return new TaskError({
    code: 'TASK_ENDED',
    message: `task ${taskId} is ${status}`,
    details: { tenantId, taskId, status },
  })
}
