import { isGoldenError } from '@golden-arch/core/errors'
import type { Permission } from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { TASK_STATUSES, type Task, TaskError, type TaskMachine, TaskStore } from '@golden-arch/core/tasks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type CodingTask, codingTaskSchema } from '../../services/orchestrator/coding-task.ts'
import type { TaskIntake } from '../../services/orchestrator/task-intake.ts'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { HttpError } from '../http-error.ts'
import { routeSchema } from '../route-schema.ts'
import { taskKindSchema, taskSchema, taskView } from './task-view.ts'

/** What the task routes work with. */
export interface TaskRoutesOptions {
  readonly database: SqlDatabase
  readonly machine: TaskMachine
  readonly intake: TaskIntake
}

const CREATE = { permission: 'task:create' } as const
const READ = { permission: 'task:read' } as const
const CANCEL = { permission: 'task:cancel' } as const
const taskParams = z.object({ id: z.string().min(1).max(256) })

const createSchema = routeSchema({
  summary: 'Creates a task',
  description: 'A repeat with the same id and content answers with the task as it stands.',
  tags: ['tasks'],
  body: codingTaskSchema,
  response: { 202: taskSchema, errors: [409] },
})
const listSchema = routeSchema({
  summary: 'Lists tasks, the latest first',
  tags: ['tasks'],
  querystring: z.strictObject({
    status: z.enum(TASK_STATUSES).optional(),
    kind: taskKindSchema.optional(),
    cursor: z.string().max(64).optional(),
    limit: z.coerce.number().int().min(1).max(200).optional(),
  }),
  response: { 200: z.strictObject({ tasks: z.array(taskSchema), next_cursor: z.string().nullable() }) },
})
const getSchema = routeSchema({
  summary: 'Shows a task',
  tags: ['tasks'],
  params: taskParams,
  response: { 200: taskSchema, errors: [404] },
})
const cancelSchema = routeSchema({
  summary: 'Cancels a task',
  tags: ['tasks'],
  params: taskParams,
  response: { 200: taskSchema, errors: [404, 409] },
})

/** Adds `POST/GET /api/v1/tasks`, `GET /api/v1/tasks/{id}` and `POST /api/v1/tasks/{id}/cancel`, and their aliases. */
export function addTaskRoutes(app: FastifyInstance, options: TaskRoutesOptions): void {
  const { database, machine, intake } = options
  const store = new TaskStore()

  const isReached = (request: FastifyRequest, permission: Permission, task: Task): Promise<boolean> => {
    const { tenantId, taskId, createdBy } = task
    return callerOf(request).reaches(permission, { kind: 'task', id: taskId, tenantId, ownerId: createdBy })
  }

  const find = async (request: FastifyRequest, permission: Permission, taskId: string): Promise<Task> => {
    const { tenantId } = callerOf(request).principal
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

  const routes = app.withTypeProvider<ZodTypeProvider>()
  for (const prefix of ['/api/v1/tasks', '/tasks']) {
    routes.post(prefix, { config: CREATE, schema: createSchema }, async (request, reply) => {
      const task = await accept(request, request.body)
      return reply.status(202).send(taskView(task))
    })
    routes.get(prefix, { config: READ, schema: listSchema }, async (request) => {
      const { principal, permit } = callerOf(request)
      const { status, kind, cursor, limit } = request.query
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
    routes.get(`${prefix}/:id`, { config: READ, schema: getSchema }, async (request) =>
      taskView(await find(request, 'task:read', request.params.id)),
    )
    routes.post(`${prefix}/:id/cancel`, { config: CANCEL, schema: cancelSchema }, async (request) => {
      const task = await find(request, 'task:cancel', request.params.id)
      const actor = actorOf(request)
      const outcome = await machine.transition({ task, to: 'cancelled', actor, reason: 'cancelled' })
      return taskView(outcome.task)
    })
  }
}
