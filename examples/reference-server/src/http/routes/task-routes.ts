import { isGoldenError } from '@golden-arch/core/errors'
import type { Permission } from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { TASK_STATUSES, type Task, TaskError, type TaskMachine, TaskStore } from '@golden-arch/core/tasks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type CodingTask, codingTaskSchema } from '../../services/orchestrator/coding-task.ts'
import type { TaskIntake } from '../../services/orchestrator/task-intake.ts'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { HttpError } from '../http-error.ts'
import { taskView } from './task-view.ts'

/** What the task routes work with. */
export interface TaskRoutesOptions {
  readonly database: SqlDatabase
  readonly machine: TaskMachine
  readonly intake: TaskIntake
}

const listQuery = z.strictObject({
  status: z.enum(TASK_STATUSES).optional(),
  kind: z.enum(['root', 'child', 'remediation']).optional(),
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
})

const taskParams = z.object({ id: z.string().min(1).max(256) })

/** Adds `POST/GET /api/v1/tasks`, `GET /api/v1/tasks/{id}` and `POST /api/v1/tasks/{id}/cancel`, and their aliases. */
export function addTaskRoutes(app: FastifyInstance, options: TaskRoutesOptions): void {
  const { database, machine, intake } = options
  const store = new TaskStore()

  const isReached = (request: FastifyRequest, permission: Permission, task: Task): Promise<boolean> => {
    const { tenantId, taskId, createdBy } = task
    return callerOf(request).reaches(permission, { kind: 'task', id: taskId, tenantId, ownerId: createdBy })
  }

  const find = async (request: FastifyRequest, permission: Permission): Promise<Task> => {
    const { tenantId } = callerOf(request).principal
    const taskId = taskParams.parse(request.params).id
    const task = await store.get(database, { tenantId, taskId })
    // Somebody else's answers as one that is not there.
    if (!(await isReached(request, permission, task))) throw TaskError.notFound(tenantId, taskId)
    return task
  }

  /** What is told of a task is told to those who may read it: to others its id is taken, and no more. */
  const accept = async (request: FastifyRequest, wanted: CodingTask): Promise<Task> => {
    const { tenantId } = callerOf(request).principal
    const accepted = await intake.accept(tenantId, wanted, actorOf(request)).catch((error: unknown) => {
      if (isGoldenError(error, 'TASK_EXISTS')) return error
      throw error
    })
    const isOther = isGoldenError(accepted)
    const task = isOther ? await store.get(database, { tenantId, taskId: wanted.id }) : accepted
    if (!(await isReached(request, 'task:read', task))) {
      throw new HttpError(409, 'TASK_EXISTS', 'the id is taken')
    }
    if (isOther) throw accepted
    return task
  }

  for (const prefix of ['/api/v1/tasks', '/tasks']) {
    app.post(prefix, { config: { permission: 'task:create' } }, async (request, reply) => {
      const task = await accept(request, codingTaskSchema.parse(request.body))
      return reply.status(202).send(taskView(task))
    })
    app.get(prefix, { config: { permission: 'task:read' } }, async (request) => {
      const { principal, permit } = callerOf(request)
      const { status, kind, cursor, limit } = listQuery.parse(request.query)
      const page = await store.list(database, {
        tenantId: principal.tenantId,
        ...(permit === 'own' ? { createdBy: principal.id } : {}),
        ...(status === undefined ? {} : { status }),
        ...(kind === undefined ? {} : { kind }),
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit }),
      })
      return { tasks: page.items.map(taskView), next_cursor: page.nextCursor }
    })
    app.get(`${prefix}/:id`, { config: { permission: 'task:read' } }, async (request) =>
      taskView(await find(request, 'task:read')),
    )
    app.post(`${prefix}/:id/cancel`, { config: { permission: 'task:cancel' } }, async (request) => {
      const task = await find(request, 'task:cancel')
      const actor = actorOf(request)
      const outcome = await machine.transition({ task, to: 'cancelled', actor, reason: 'cancelled' })
      return taskView(outcome.task)
    })
  }
}
