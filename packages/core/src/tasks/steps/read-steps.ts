import type { SqlExecutor } from '../../storage/index.ts'
import type { TaskKey } from '../task.ts'
import type { Step, StepKey } from './step.ts'
import { stepNotFound } from './step-error.ts'
import { type StepRow, stepColumns, stepOf } from './step-row.ts'

/** A step as it stands. @throws TaskError `STEP_NOT_FOUND`. */
export async function readStep(executor: SqlExecutor, key: StepKey): Promise<Step> {
  const { rows } = await executor.query<StepRow>(
    `SELECT ${stepColumns('s')} FROM task_steps s WHERE s.tenant_id = $1 AND s.task_id = $2 AND s.step_id = $3`,
    [key.tenantId, key.taskId, key.stepId],
  )
  if (rows[0] === undefined) throw stepNotFound(key)
  return stepOf(rows[0])
}

/** The steps of a task in the order of their asking, 1000 at most. */
export async function readSteps(
  executor: SqlExecutor,
  { tenantId, taskId }: TaskKey,
): Promise<readonly Step[]> {
  const { rows } = await executor.query<StepRow>(
    `SELECT ${stepColumns('s')} FROM task_steps s
      WHERE s.tenant_id = $1 AND s.task_id = $2 ORDER BY s.position LIMIT 1000`,
    [tenantId, taskId],
  )
  return rows.map(stepOf)
}

/** Those of these steps of a task that have ended. */
export async function readEndedSteps(
  executor: SqlExecutor,
  { tenantId, taskId }: TaskKey,
  stepIds: readonly string[],
): Promise<readonly Step[]> {
  const { rows } = await executor.query<StepRow>(
    `SELECT ${stepColumns('s')} FROM task_steps s
      WHERE s.tenant_id = $1 AND s.task_id = $2 AND s.step_id = ANY ($3::text[])
        AND s.state IN ('done', 'failed', 'cancelled')`,
    [tenantId, taskId, stepIds],
  )
  return rows.map(stepOf)
}
