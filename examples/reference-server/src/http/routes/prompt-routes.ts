import type { SqlDatabase } from '@golden-arch/core/storage'
import { TASK_STATUSES } from '@golden-arch/core/tasks'
import { LearningError, type PromptRegistry } from '@golden-arch/governance/learning'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { listOrder, routeSchema } from '../route-schema.ts'
import {
  agentRole,
  changeSchema,
  instant,
  nextCursor,
  versionSchema,
  versionTitleSchema,
} from './governance-answers.ts'
import { changeView, versionTitleView, versionView } from './governance-view.ts'
import { usesOfPrompt } from './prompt-use.ts'

/** What the routes of prompts work with. */
export interface PromptRoutesOptions {
  readonly prompts: PromptRegistry
  readonly database: SqlDatabase
}

const READ = { permission: 'prompt:read' } as const
const TAGS = ['governance'] as const
const params = z.object({ role: agentRole })
const page = z.strictObject({
  order: listOrder,
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const currentSchema = routeSchema({
  summary: 'Shows the prompt of a role that is in force',
  tags: TAGS,
  params,
  response: { 200: versionSchema, errors: [404] },
})
const versionsSchema = routeSchema({
  summary: 'Lists the versions of a role’s prompt without their texts, in the order of their making',
  tags: TAGS,
  params,
  querystring: page,
  response: { 200: z.strictObject({ versions: z.array(versionTitleSchema), next_cursor: nextCursor }) },
})
const versionParams = z.object({
  role: agentRole,
  version: z.coerce.number().int().min(1).max(2_147_483_647),
})
const oneVersionSchema = routeSchema({
  summary: 'Shows a version of a role’s prompt',
  tags: TAGS,
  params: versionParams,
  response: { 200: versionSchema, errors: [404] },
})
const usesSchema = routeSchema({
  summary:
    'Lists the tasks that a version of a role’s prompt had a part in, the one last at work with it first',
  description:
    'Tasks as posted, by the calls of models for them, their parts and their fixes; 1000 at most, while `counts` is of all. ' +
    'Of a call whose end nobody knows it is not known either which version it was made with.',
  tags: TAGS,
  params: versionParams,
  response: {
    200: z
      .strictObject({
        tasks: z.array(
          z.strictObject({
            id: z.string(),
            title: z.string(),
            status: z.enum(TASK_STATUSES),
            status_reason: z.string().nullable(),
            calls: z.int().min(1).describe('Calls of models with this version.'),
            last_call_at: instant,
          }),
        ),
        counts: z.partialRecord(z.enum(TASK_STATUSES), z.int()).describe('Tasks by their status.'),
      })
      .meta({ id: 'PromptUses', description: 'What a version of a prompt had a part in.' }),
    errors: [404],
  },
})
const historySchema = routeSchema({
  summary: 'Lists the changes of a role’s prompt, those that wait or fell among them, in their order',
  tags: TAGS,
  params,
  querystring: page,
  response: { 200: z.strictObject({ changes: z.array(changeSchema), next_cursor: nextCursor }) },
})

/**
 * Adds `/api/v1/governance/prompts/{role}`, `/versions`, `/versions/{version}`, its `/tasks`, and `/history`: the caller's
 * tenant alone.
 */
export function addPromptRoutes(app: FastifyInstance, { prompts, database }: PromptRoutesOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const path = '/api/v1/governance/prompts/:role'

  routes.get(path, { config: READ, schema: currentSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { role } = request.params
    const current = await prompts.findCurrent({ tenantId, agentRole: role })
    if (current !== undefined) return versionView(current)
    const message = `the role ${role} has no prompt yet`
    throw new LearningError({ code: 'LEARNING_VERSION_NOT_FOUND', message, details: { agentRole: role } })
  })

  routes.get(`${path}/versions`, { config: READ, schema: versionsSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const found = await prompts.listVersions({
      ...{ tenantId, agentRole: request.params.role },
      ...request.query,
    })
    return { versions: found.items.map(versionTitleView), next_cursor: found.nextCursor }
  })

  routes.get(`${path}/versions/:version`, { config: READ, schema: oneVersionSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { role, version } = request.params
    return versionView(await prompts.getVersion({ tenantId, agentRole: role, version }))
  })

  const uses = { config: { permission: 'task:read' }, schema: usesSchema } as const
  routes.get(`${path}/versions/:version/tasks`, uses, async (request) => {
    const { principal, permit } = callerOf(request)
    const { role: agentRole, version } = request.params
    const { tenantId } = principal
    await prompts.getVersion({ tenantId, agentRole, version })
    const createdBy = permit === 'own' ? { createdBy: principal.id } : {}
    const { tasks, counts } = await usesOfPrompt(database, { tenantId, agentRole, version, ...createdBy })
    return {
      tasks: tasks.map(({ statusReason, lastCallAt, ...task }) => ({
        ...task,
        status_reason: statusReason,
        last_call_at: lastCallAt.toISOString(),
      })),
      counts,
    }
  })

  routes.get(`${path}/history`, { config: READ, schema: historySchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const found = await prompts.listChanges({
      ...{ tenantId, agentRole: request.params.role },
      ...request.query,
    })
    return { changes: found.items.map(changeView), next_cursor: found.nextCursor }
  })
}
