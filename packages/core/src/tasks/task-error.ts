import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type TaskErrorCode =
  | 'TASK_NOT_FOUND'
  | 'TASK_EXISTS'
  | 'TASK_TRANSITION_INVALID'
  | 'TASK_VERSION_CONFLICT'
  | 'TASK_TABLE_INVALID'
  | 'EFFECT_NOT_INTENDED'
  | 'EFFECT_TAKEN'

/**
 * A task or its effect is not as the caller said. Retryable: `TASK_VERSION_CONFLICT`, after loading the task anew, and
 * `EFFECT_TAKEN`, once the runner that makes the call has ended.
 */
export class TaskError extends GoldenError<TaskErrorCode> {
  static notFound(tenantId: string, taskId: string): TaskError {
    return new TaskError({
      code: 'TASK_NOT_FOUND',
      message: `no task ${taskId}`,
      details: { tenantId, taskId },
    })
  }

  static effectTaken(effectId: string): TaskError {
    return new TaskError({
      code: 'EFFECT_TAKEN',
      message: `another runner makes the call ${effectId}`,
      retryable: true,
      details: { effectId },
    })
  }
}
