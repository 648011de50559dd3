import type { Task, TaskFacts, TaskKind } from './task.ts'
import type { TaskLimits } from './task-limits.ts'
import type { TaskStatus } from './task-status.ts'
import type { WaitingFor } from './waiting-for.ts'

/** A row of the table `tasks`. */
export interface TaskRow {
  readonly tenant_id: string
  readonly task_id: string
  readonly project_id: string
  readonly parent_task_id: string | null
  readonly root_task_id: string
  readonly depth: number
  readonly kind: TaskKind
  readonly title: string
  readonly status: TaskStatus
  readonly status_reason: string | null
  readonly waiting_for: WaitingFor | null
  readonly resume_to: TaskStatus | null
  readonly version: bigint
  readonly attempts: Record<string, number>
  readonly fixes: Record<string, number>
  readonly limits: TaskLimits
  readonly input: TaskFacts
  readonly evidence: TaskFacts
  readonly wake_at: Date | null
  readonly deadline_at: Date | null
  readonly created_by: string
  readonly created_at: Date
  readonly updated_at: Date
  readonly position: bigint
}

/** The columns of a {@link TaskRow}. */
export const TASK_COLUMNS = `tenant_id, task_id, project_id, parent_task_id, root_task_id, depth, kind, title, status,
  status_reason, waiting_for, resume_to, version, attempts, fixes, limits, input, evidence, wake_at, deadline_at,
  created_by, created_at, updated_at, position`

/** The task of a row. */
export function taskOfRow(row: TaskRow): Task {
  return {
    tenantId: row.tenant_id,
    taskId: row.task_id,
    projectId: row.project_id,
    parentTaskId: row.parent_task_id,
    rootTaskId: row.root_task_id,
    depth: row.depth,
    kind: row.kind,
    title: row.title,
    status: row.status,
    statusReason: row.status_reason,
    waitingFor: row.waiting_for,
    resumeTo: row.resume_to,
    version: Number(row.version),
    attempts: row.attempts,
    fixes: row.fixes,
    limits: row.limits,
    input: row.input,
    evidence: row.evidence,
    wakeAt: row.wake_at,
    deadlineAt: row.deadline_at,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
