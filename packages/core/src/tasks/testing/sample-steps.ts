import type { SqlDatabase } from '../../storage/index.ts'
import type { ClaimedStep, NewStep, StepKey } from '../steps/step.ts'
import type { TaskSteps } from '../steps/task-steps.ts'
import { addTask } from './sample-tasks.ts'

/** Asks for a step of a task of its own. */
export async function requestStep(
  database: SqlDatabase,
  steps: TaskSteps,
  change: Partial<NewStep> = {},
): Promise<StepKey> {
  const task = await addTask(database, { status: 'executing', isDue: false })
  const step = { ...task, stepId: 'generate:1', service: 'agent', request: { role: 'developer' }, ...change }
  await database.transaction((tx) => steps.request(step, { tx }))
  return { tenantId: step.tenantId, taskId: step.taskId, stepId: step.stepId }
}

/** Claims a step that must be free. */
export async function claimed(steps: TaskSteps, key: StepKey, owner = 'a'): Promise<ClaimedStep> {
  const claim = await steps.claim(key, { owner })
  if (claim === undefined) throw new Error(`step ${key.stepId} is not free`)
  return claim
}

/** Lets the time of a step come: its pause is over, or its lease has lapsed. */
export async function makeDue(database: SqlDatabase, { tenantId, taskId, stepId }: StepKey): Promise<void> {
  await database.query(
    `UPDATE task_steps SET due_at = clock_timestamp() - interval '1 hour'
      WHERE tenant_id = $1 AND task_id = $2 AND step_id = $3 AND due_at IS NOT NULL`,
    [tenantId, taskId, stepId],
  )
}
