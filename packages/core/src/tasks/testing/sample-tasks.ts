import { randomName } from '@golden-arch/testkit'
import type { SqlDatabase } from '../../storage/index.ts'
import type { TaskKey } from '../task.ts'
import type { TaskStatus } from '../task-status.ts'

/** What a row of a task is made with that no machine made. */
export interface SampleTask {
  readonly tenantId?: string
  readonly status?: TaskStatus
  /** Default true. */
  readonly isDue?: boolean
  readonly isAdmitted?: boolean
}

/** Adds a root as its row alone, in a tenant of nobody else unless one is named. */
export async function addTask(database: SqlDatabase, task: SampleTask = {}): Promise<TaskKey> {
  const { tenantId = randomName('tenant'), status = 'submitted', isDue = true, isAdmitted = false } = task
  const taskId = randomName('task')
  const isOpen = !['completed', 'failed', 'cancelled'].includes(status)
  const waitingFor = ['waiting', 'escalated'].includes(status) ? '{"kind":"children"}' : null
  await database.query(
    `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, status, is_admitted, wake_at,
                        waiting_for, resume_to, created_by)
     VALUES ($1, $2, 'p', $2, 'root', 'a task', $3, $4::boolean,
             CASE WHEN $5::boolean THEN clock_timestamp() END, $6::jsonb, $7, 'ada')`,
    [
      tenantId,
      taskId,
      status,
      isAdmitted,
      isDue && isOpen,
      waitingFor,
      waitingFor === null ? null : 'executing',
    ],
  )
  return { tenantId, taskId }
}

/** Ends a task as its row alone. */
export async function endTask(
  database: SqlDatabase,
  { tenantId, taskId }: TaskKey,
  status: TaskStatus = 'completed',
): Promise<void> {
  await database.query(
    'UPDATE tasks SET status = $3, wake_at = NULL, waiting_for = NULL, resume_to = NULL WHERE tenant_id = $1 AND task_id = $2',
    [tenantId, taskId, status],
  )
}

/** Whether somebody is to look at the task now. */
export async function isDue(database: SqlDatabase, { tenantId, taskId }: TaskKey): Promise<boolean> {
  const { rows } = await database.query<{ due: boolean | null }>(
    'SELECT wake_at <= clock_timestamp() AS due FROM tasks WHERE tenant_id = $1 AND task_id = $2',
    [tenantId, taskId],
  )
  return rows[0]?.due === true
}

/** Types of the events about a task, in their order. */
export async function eventsOf(
  database: SqlDatabase,
  { tenantId, taskId }: TaskKey,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ event_type: string }>(
    'SELECT event_type FROM outbox WHERE tenant_id = $1 AND subject = $2 ORDER BY position',
    [tenantId, taskId],
  )
  return rows.map((row) => row.event_type)
}
