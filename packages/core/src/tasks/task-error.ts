import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type TaskErrorCode =
  | 'TASK_NOT_FOUND'
  | 'TASK_EXISTS'
  | 'TASK_TRANSITION_INVALID'
  | 'TASK_STILL_WAITING'
  | 'TASK_VERSION_CONFLICT'
  | 'TASK_EVIDENCE_RESERVED'
  | 'TASK_FAN_OUT_EXCEEDED'
  | 'TASK_QUOTA_EXCEEDED'
  | 'TASK_NEEDS_PERSON'
  | 'TASK_NOT_ASKING'
  | 'TASK_ALREADY_SETTLED'
  | 'TASK_TABLE_INVALID'
  | 'TASK_FIX_INVALID'
  | 'STEP_NOT_FOUND'
  | 'TASK_ENDED'
  | 'STEP_LEASE_LOST'
  | 'AGENT_NOT_FOUND'
  | 'EFFECT_NOT_INTENDED'
  | 'EFFECT_TAKEN'

/**
 * A task or its effect is not as the caller said. Retryable: `TASK_VERSION_CONFLICT`, after loading the task anew;
 * `TASK_STILL_WAITING`, once what it waits for has ended; `TASK_QUOTA_EXCEEDED`, once tasks of the tenant have ended;
 * and `EFFECT_TAKEN`, once the runner that makes the call has ended.
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
