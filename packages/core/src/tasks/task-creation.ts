import type { Actor } from '../audit/index.ts'
import { InvalidOptionError, requireTenantId, requireText } from '../errors/index.ts'
import type { Tracer } from '../observability/index.ts'
import { jsonText, type SqlTransaction } from '../storage/index.ts'
import type { NewChildTask, NewTask, Task, TaskKind } from './task.ts'
import { TaskError } from './task-error.ts'
import { narrowTaskLimits, resolveTaskLimits, type TaskLimits } from './task-limits.ts'
import type { TaskStore, UnsavedTask } from './task-store.ts'
import type { TaskTrail } from './task-trail.ts'

/** What tasks are made with. */
export interface TaskCreationParts {
  readonly store: TaskStore
  readonly trail: TaskTrail
  /** Its active span is where a task is made. */
  readonly tracer: Tracer
}

/** A root, complete. @throws InvalidOptionError `INVALID_OPTION` on a bad id or limit. */
export function rootTask(task: NewTask, createdBy: string, defaults: TaskLimits): UnsavedTask {
  const taskId = requireText('taskId', task.taskId)
  return {
    tenantId: requireTenantId(task.tenantId),
    taskId,
    projectId: requireText('projectId', task.projectId, 128),
    parentTaskId: null,
    rootTaskId: taskId,
    depth: 0,
    kind: 'root',
    title: requireTitle(task.title),
    input: task.input,
    limits: resolveTaskLimits(task.limits, defaults),
    deadlineAt: task.deadlineAt ?? null,
    createdBy,
  }
}

/** A task below another, complete. @throws InvalidOptionError `INVALID_OPTION` on a bad id or limit. */
export function taskBelow(
  parent: Task,
  task: NewChildTask,
  kind: Exclude<TaskKind, 'root'>,
  createdBy: string,
): UnsavedTask {
  const { deadlineAt = parent.deadlineAt } = task
  const isLate = deadlineAt !== null && parent.deadlineAt !== null && deadlineAt > parent.deadlineAt
  return {
    tenantId: parent.tenantId,
    taskId: requireText('taskId', task.taskId),
    projectId: parent.projectId,
    parentTaskId: parent.taskId,
    rootTaskId: parent.rootTaskId,
    depth: parent.depth + 1,
    kind,
    title: requireTitle(task.title),
    input: task.input,
    limits: narrowTaskLimits(resolveTaskLimits(task.limits, parent.limits), parent.limits),
    deadlineAt: isLate ? parent.deadlineAt : deadlineAt,
    createdBy,
  }
}

/**
 * Stores a task with its event and its audit entry, and says how it stands and whether it is new: the very task again is not.
 * @throws TaskError `TASK_EXISTS` when its id belongs to a task of other content; StorageError by code.
 */
export async function storeTask(
  tx: SqlTransaction,
  { store, trail, tracer }: TaskCreationParts,
  task: UnsavedTask,
  actor: Actor,
  now: Date,
): Promise<{ readonly stored: Task; readonly isNew: boolean }> {
  const stored = await store.insert(tx, task, tracer.activeContext())
  if (stored === undefined) {
    await requireSame(tx, task)
    return { stored: await store.get(tx, task), isNew: false }
  }
  await trail.created(tx, task, actor, now)
  return { stored, isNew: true }
}

/**
 * Adds the children that a move makes, within the limits of their parent.
 * @throws TaskError `TASK_FAN_OUT_EXCEEDED`, `TASK_EXISTS`; InvalidOptionError `INVALID_OPTION`; StorageError by code.
 */
export async function storeChildren(
  tx: SqlTransaction,
  parts: TaskCreationParts,
  parent: Task,
  children: readonly NewChildTask[],
  { actor, now }: { readonly actor: Actor; readonly now: Date },
): Promise<void> {
  if (children.length === 0) return
  const { maxChildren, maxDepth } = parent.limits
  if (parent.depth >= maxDepth) throw fanOut(parent, 'maxDepth', maxDepth)
  for (const child of children)
    await storeTask(tx, parts, taskBelow(parent, child, 'child', actor.id), actor, now)
  const { all } = await parts.store.countChildren(tx, parent, 'child')
  if (all > maxChildren) throw fanOut(parent, 'maxChildren', maxChildren)
}

function requireTitle(title: string): string {
  const length = typeof title === 'string' ? [...title].length : 0
  if (length < 1 || length > 1000)
    throw new InvalidOptionError('title', 'a string of 1 to 1000 characters', title)
  return title
}

function fanOut({ taskId }: Task, limit: string, allowed: number): TaskError {
  return new TaskError({
    code: 'TASK_FAN_OUT_EXCEEDED',
    message: `task ${taskId} may not have these children: ${limit} is ${allowed}`,
    details: { taskId, limit, allowed },
  })
}

async function requireSame(tx: SqlTransaction, task: UnsavedTask): Promise<void> {
  const { tenantId, taskId } = task
  const { rows } = await tx.query<{ same: boolean }>(
    `SELECT project_id = $3 AND title = $4 AND input = $5::jsonb AND kind = $6
            AND parent_task_id IS NOT DISTINCT FROM $7 AS same
       FROM tasks WHERE tenant_id = $1 AND task_id = $2`,
    [tenantId, taskId, task.projectId, task.title, jsonText(task.input), task.kind, task.parentTaskId],
  )
  if (rows[0]?.same === true) return
  const message = `task ${taskId} exists with other content`
  throw new TaskError({ code: 'TASK_EXISTS', message, details: { tenantId, taskId } })
}
