import type { SqlDatabase } from '@golden-arch/core/storage'
import { TASK_STATUSES, type Task, TaskError, type TaskMachine, TaskStore } from '@golden-arch/core/tasks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { codingTaskSchema } from '../../services/orchestrator/coding-task.ts'
import type { TaskIntake } from '../../services/orchestrator/task-intake.ts'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
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

  const find = async (request: FastifyRequest): Promise<Task> => {
    const { principal, permit } = callerOf(request)
    const taskId = taskParams.parse(request.params).id
    const task = await store.get(database, { tenantId: principal.tenantId, taskId })
    if (permit === 'own' && task.createdBy !== principal.id)
      throw TaskError.notFound(principal.tenantId, taskId)
    return task
  }

  for (const prefix of ['/api/v1/tasks', '/tasks']) {
    app.post(prefix, { config: { permission: 'task:create' } }, async (request, reply) => {
      const { tenantId } = callerOf(request).principal
      const task = await intake.accept(tenantId, codingTaskSchema.parse(request.body), actorOf(request))
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
      taskView(await find(request)),
    )
    app.post(`${prefix}/:id/cancel`, { config: { permission: 'task:cancel' } }, async (request) => {
      const task = await find(request)
      const actor = actorOf(request)
      const outcome = await machine.transition({ task, to: 'cancelled', actor, reason: 'cancelled' })
      return taskView(outcome.task)
    })
  }
}
