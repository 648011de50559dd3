import type { Permission } from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Task, TaskError, TaskStore } from '@golden-arch/core/tasks'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'

/** A task in a path. */
export const taskParams = z.object({ id: z.string().min(1).max(256) })

/** Finds a task of the caller's tenant that the permission reaches. @throws TaskError `TASK_NOT_FOUND`. */
export type FindTask = (request: FastifyRequest, permission: Permission, taskId: string) => Promise<Task>

/** Whether the permission reaches the task for this caller; a denial is on record by then. */
export function reachesTask(request: FastifyRequest, permission: Permission, task: Task): Promise<boolean> {
  const { tenantId, taskId, createdBy } = task
  return callerOf(request).reaches(permission, { kind: 'task', id: taskId, tenantId, ownerId: createdBy })
}

/** Looks for tasks in `database`. Somebody else's answers as one that is not there. */
export function findTaskIn(database: SqlDatabase): FindTask {
  const store = new TaskStore()
  return async (request, permission, taskId) => {
    const { tenantId } = callerOf(request).principal
    const task = await store.get(database, { tenantId, taskId })
    if (!(await reachesTask(request, permission, task))) throw TaskError.notFound(tenantId, taskId)
    return task
  }
}
