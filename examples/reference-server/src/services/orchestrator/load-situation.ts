import type { SqlExecutor } from '@golden-arch/core/storage'
import { type Task, type TaskKey, type TaskSteps, TaskStore } from '@golden-arch/core/tasks'
import { inputOf } from './coding-facts.ts'
import type { Situation } from './move-decision.ts'

const store = new TaskStore()

/** Reads a task and all that its next move is decided by. @throws TaskError `TASK_NOT_FOUND`; StorageError by code. */
export async function loadSituation(
  executor: SqlExecutor,
  steps: TaskSteps,
  key: TaskKey,
): Promise<Situation> {
  const task = await store.get(executor, key)
  const { tenantId, parentTaskId, waitingFor } = task
  return {
    task,
    steps: await steps.list(key),
    parent: parentTaskId === null ? undefined : await store.get(executor, { tenantId, taskId: parentTaskId }),
    parts: await partsOf(executor, task),
    fix:
      waitingFor?.kind === 'fix'
        ? await store.get(executor, { tenantId, taskId: waitingFor.taskId })
        : undefined,
  }
}

/** The parts of the root that the task is, or that it is a part of. */
export async function partsOf(executor: SqlExecutor, task: Task): Promise<readonly Task[]> {
  if (task.kind === 'remediation' || (task.kind === 'root' && inputOf(task).parts === undefined)) return []
  const { tenantId, rootTaskId } = task
  const family = await store.children(executor, { tenantId, taskId: rootTaskId })
  return family.filter((one) => one.kind === 'child')
}
