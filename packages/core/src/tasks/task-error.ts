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
  | 'STEP_NOT_NOW'
  | 'AGENT_NOT_FOUND'
  | 'EFFECT_NOT_INTENDED'
  | 'EFFECT_TAKEN'

/**
 * A task or its effect is not as the caller said. Retryable: `TASK_VERSION_CONFLICT`, after loading the task anew;
 * `TASK_STILL_WAITING`, once what it waits for has ended; `TASK_QUOTA_EXCEEDED`, once tasks of the tenant have ended;
 * `EFFECT_TAKEN`, once the runner that makes the call has ended; and `STEP_NOT_NOW`, which the work of a step throws to give
 * it back before it has begun.
 */
export class TaskError extends GoldenError<TaskErrorCode> {
  static notFound(tenantId: string, taskId: string): TaskError {
    return new TaskError({
      code: 'TASK_NOT_FOUND',
      message: `no task ${taskId}`,
      details: { tenantId, taskId },
    })
  }

  /** The work of a step cannot begin now, as `reason` says: the step is given back for `retryAfterMs`, its run not counted. */
  static stepNotNow(reason: string, retryAfterMs: number): TaskError {
    return new TaskError({
      code: 'STEP_NOT_NOW',
      message: reason,
      retryable: true,
      details: { retryAfterMs },
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
