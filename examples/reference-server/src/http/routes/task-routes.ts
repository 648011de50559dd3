import type { BudgetController } from '@golden-arch/budget'
import { isGoldenError, requireInteger } from '@golden-arch/core/errors'
import type { Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { TASK_STATUSES, type Task, type TaskMachine, TaskStore } from '@golden-arch/core/tasks'
import type { Clock } from '@golden-arch/core/time'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type CodingTask, codingTaskSchema } from '../../services/orchestrator/coding-task.ts'
import type { TaskIntake, TaskIntakeTerms } from '../../services/orchestrator/task-intake.ts'
import { isStorableJson } from '../../services/storable-text.ts'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { HttpError } from '../http-error.ts'
import { listOrder, NO_CONTENT, routeSchema } from '../route-schema.ts'
import { cancelTask } from './cancel-task.ts'
import { findTaskIn, reachesTask, taskParams } from './find-task.ts'
import { newTaskId } from './new-task-id.ts'
import { etagOf, isUnchanged } from './task-etag.ts'
import { createdTaskSchema, taskKindSchema, taskSchema, taskView } from './task-view.ts'
import { taskWarnings } from './task-warnings.ts'

/** What the task routes work with. */
export interface TaskRoutesOptions {
  readonly database: SqlDatabase
  readonly machine: TaskMachine
  readonly budgets: Pick<BudgetController, 'state'>
  readonly intake: TaskIntake
  /** Where threats in the texts of tasks are counted. Default nowhere. */
  readonly metrics?: Metrics
  /** Milliseconds in which a task must end; clients may ask for fewer. */
  readonly taskTimeoutMs: number
  readonly clock: Clock
}

const CREATE = { permission: 'task:create' } as const
const READ = { permission: 'task:read' } as const
const CANCEL = { permission: 'task:cancel' } as const
const codingFields = codingTaskSchema.shape
/** A task as it is posted. */
export const newTaskSchema = z
  .strictObject({
    ...codingFields,
    id: codingFields.id.optional().describe('Made by the server where it is absent.'),
    project_id: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe(
        'Whose budget pays, coding-tasks by default. It has a budget, or the caller may manage budgets.',
      ),
    timeout_ms: z
      .int()
      .min(1000)
      .max(2_592_000_000)
      .optional()
      .describe(
        'Milliseconds in which it must end, else it fails. At most, and by default, as the server is told.',
      ),
  })
  .refine(isStorableJson, 'holds NUL or half a surrogate pair')
const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'at most 255 visible ASCII characters')
  .optional()

const createSchema = routeSchema({
  summary: 'Creates a task',
  description:
    'A repeat with the same id, or without one and with the same `Idempotency-Key`, answers with the task as it stands; with other content it is refused. Texts that would be an attack where they are not encoded are stored as they are and named in `warnings`.',
  tags: ['tasks'],
  headers: z.looseObject({ 'idempotency-key': idempotencyKey }),
  body: newTaskSchema,
  response: { 202: createdTaskSchema, errors: [409] },
})
const listSchema = routeSchema({
  summary: 'Lists tasks, in the order of their posting',
  tags: ['tasks'],
  querystring: z.strictObject({
    status: z.enum(TASK_STATUSES).optional(),
    kind: taskKindSchema.optional(),
    project_id: z.string().min(1).max(128).optional(),
    created_by: z.string().min(1).max(256).optional(),
    order: listOrder,
    cursor: z.string().max(64).optional(),
    limit: z.coerce.number().int().min(1).max(200).optional(),
  }),
  response: { 200: z.strictObject({ tasks: z.array(taskSchema), next_cursor: z.string().nullable() }) },
})
const getSchema = routeSchema({
  summary: 'Shows a task',
  description: 'With the `ETag` of an earlier answer in `If-None-Match`: 304 where nothing has changed.',
  tags: ['tasks'],
  params: taskParams,
  headers: z.looseObject({ 'if-none-match': z.string().max(4096).optional() }),
  response: { 200: taskSchema, 304: NO_CONTENT, errors: [404] },
})
const cancelSchema = routeSchema({
  summary: 'Cancels a task',
  description: 'Again, or by two at once, it is the same answer. A task that has ended otherwise is refused.',
  tags: ['tasks'],
  params: taskParams,
  response: { 200: taskSchema, errors: [404, 409] },
})

/** Adds `POST/GET /api/v1/tasks`, `GET /api/v1/tasks/{id}` and `POST /api/v1/tasks/{id}/cancel`, and their aliases. */
export function addTaskRoutes(app: FastifyInstance, options: TaskRoutesOptions): void {
  const { database, machine, budgets, intake, taskTimeoutMs, clock } = options
  const store = new TaskStore()

  const find = findTaskIn(database)

  /**
   * A project with a budget pays for whoever may post tasks. One without gets its first budget by its first task, as large as
   * the server's default: not by the word of somebody who may not grant one.
   */
  const requirePayer = async (request: FastifyRequest, projectId: string): Promise<void> => {
    const caller = callerOf(request)
    const { tenantId } = caller.principal
    await budgets.state({ tenantId, projectId }).catch(async (error: unknown) => {
      if (!isGoldenError(error, 'BUDGET_NOT_FOUND')) throw error
      await caller.require('budget:manage', { tenantId, kind: 'budget', id: projectId })
    })
  }

  /** What is told of a task is told to those who may read it: to others its id is taken, and no more. */
  const accept = async (
    request: FastifyRequest,
    wanted: CodingTask,
    options: TaskIntakeTerms,
  ): Promise<Task> => {
    const { tenantId } = callerOf(request).principal
    const accepted = await intake
      .accept(tenantId, wanted, actorOf(request), options)
      .catch((error: unknown) => {
        if (isGoldenError(error, 'TASK_EXISTS')) return error
        throw error
      })
    const isOther = isGoldenError(accepted)
    const task = isOther ? await store.get(database, { tenantId, taskId: wanted.id }) : accepted
    if (!(await reachesTask(request, 'task:read', task))) {
      throw new HttpError(409, 'TASK_EXISTS', 'the id is taken')
    }
    if (isOther) throw accepted
    return task
  }

  const routes = app.withTypeProvider<ZodTypeProvider>()
  for (const prefix of ['/api/v1/tasks', '/tasks']) {
    routes.post(prefix, { config: CREATE, schema: createSchema }, async (request, reply) => {
      const { principal } = callerOf(request)
      const {
        id = newTaskId(principal.tenantId, principal.id, request.headers['idempotency-key']),
        timeout_ms: timeoutMs = taskTimeoutMs,
        project_id: projectId,
        ...content
      } = request.body
      requireInteger('timeout_ms', timeoutMs, { min: 1000, max: taskTimeoutMs })
      if (projectId !== undefined && projectId !== intake.projectId) await requirePayer(request, projectId)
      const deadlineAt = new Date(clock.now().getTime() + timeoutMs)
      const task = await accept(request, { id, ...content }, { deadlineAt, projectId })
      return reply
        .status(202)
        .header('location', `/api/v1/tasks/${encodeURIComponent(id)}`)
        .send({ ...taskView(task), warnings: taskWarnings(request.body, options.metrics) })
    })
    routes.get(prefix, { config: READ, schema: listSchema }, async (request) => {
      const { principal, permit } = callerOf(request)
      const { status, kind, project_id, created_by, order, cursor, limit } = request.query
      // Whoever sees its own alone finds nothing of others.
      if (permit === 'own' && created_by !== undefined && created_by !== principal.id) {
        return { tasks: [], next_cursor: null }
      }
      const createdBy = permit === 'own' ? principal.id : created_by
      const page = await store.list(database, {
        tenantId: principal.tenantId,
        order,
        ...(createdBy === undefined ? {} : { createdBy }),
        ...(project_id === undefined ? {} : { projectId: project_id }),
        ...(status === undefined ? {} : { status }),
        ...(kind === undefined ? {} : { kind }),
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit }),
      })
      return { tasks: page.items.map(taskView), next_cursor: page.nextCursor }
    })
    routes.get(`${prefix}/:id`, { config: READ, schema: getSchema }, async (request, reply) => {
      const task = await find(request, 'task:read', request.params.id)
      const etag = etagOf(task)
      void reply.header('etag', etag)
      if (isUnchanged(request.headers['if-none-match'], etag)) return reply.status(304).send()
      return taskView(task)
    })
    routes.post(`${prefix}/:id/cancel`, { config: CANCEL, schema: cancelSchema }, async (request) => {
      const task = await find(request, 'task:cancel', request.params.id)
      return taskView(await cancelTask(machine, task, actorOf(request), () => store.get(database, task)))
    })
  }
}
