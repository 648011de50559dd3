import type { Actor } from '@golden-arch/core/audit'
import type { Permission } from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { TASK_STATUSES, type Task, TaskError, type TaskMachine, TaskStore } from '@golden-arch/core/tasks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { codingTaskSchema } from '../services/orchestrator/coding-task.ts'
import type { TaskIntake } from '../services/orchestrator/task-intake.ts'
import type { Gate } from './gateway.ts'
import { taskView } from './task-view.ts'

/** What the task routes work with. */
export interface TaskRoutesOptions {
  readonly database: SqlDatabase
  readonly machine: TaskMachine
  readonly intake: TaskIntake
  readonly gate: Gate
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
  const { database, machine, intake, gate } = options
  const store = new TaskStore()

  const find = async (
    request: FastifyRequest,
    permission: Permission,
  ): Promise<{ task: Task; actor: Actor }> => {
    const { principal, permit } = await gate.require(request, permission)
    const taskId = taskParams.parse(request.params).id
    const task = await store.get(database, { tenantId: principal.tenantId, taskId })
    if (permit === 'own' && task.createdBy !== principal.user)
      throw TaskError.notFound(principal.tenantId, taskId)
    return { task, actor: personOf(request, principal.user) }
  }

  for (const prefix of ['/api/v1/tasks', '/tasks']) {
    app.post(prefix, async (request, reply) => {
      const { principal } = await gate.require(request, 'task:create')
      const task = await intake.accept(
        principal.tenantId,
        codingTaskSchema.parse(request.body),
        personOf(request, principal.user),
      )
      return reply.status(202).send(taskView(task))
    })
    app.get(prefix, async (request) => {
      const { principal, permit } = await gate.require(request, 'task:read')
      const { status, kind, cursor, limit } = listQuery.parse(request.query)
      const page = await store.list(database, {
        tenantId: principal.tenantId,
        ...(permit === 'own' ? { createdBy: principal.user } : {}),
        ...(status === undefined ? {} : { status }),
        ...(kind === undefined ? {} : { kind }),
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit }),
      })
      return { tasks: page.items.map(taskView), next_cursor: page.nextCursor }
    })
    app.get(`${prefix}/:id`, async (request) => taskView((await find(request, 'task:read')).task))
    app.post(`${prefix}/:id/cancel`, async (request) => {
      const { task, actor } = await find(request, 'task:cancel')
      const outcome = await machine.transition({ task, to: 'cancelled', actor, reason: 'cancelled' })
      return taskView(outcome.task)
    })
  }
}

function personOf({ id: requestId }: FastifyRequest, user: string): Actor {
  return { id: user, kind: 'human', requestId }
}
