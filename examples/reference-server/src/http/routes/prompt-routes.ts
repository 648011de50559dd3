import { LearningError, type PromptRegistry } from '@golden-arch/governance/learning'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import {
  agentRole,
  changeSchema,
  nextCursor,
  versionSchema,
  versionTitleSchema,
} from './governance-answers.ts'
import { changeView, versionTitleView, versionView } from './governance-view.ts'

/** What the routes of prompts work with. */
export interface PromptRoutesOptions {
  readonly prompts: PromptRegistry
}

const READ = { permission: 'prompt:read' } as const
const TAGS = ['governance'] as const
const params = z.object({ role: agentRole })
const page = z.strictObject({
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
  summary: 'Lists the versions of a role’s prompt, the oldest first, without their texts',
  tags: TAGS,
  params,
  querystring: page,
  response: { 200: z.strictObject({ versions: z.array(versionTitleSchema), next_cursor: nextCursor }) },
})
const oneVersionSchema = routeSchema({
  summary: 'Shows a version of a role’s prompt',
  tags: TAGS,
  params: z.object({ role: agentRole, version: z.coerce.number().int().min(1).max(2_147_483_647) }),
  response: { 200: versionSchema, errors: [404] },
})
const historySchema = routeSchema({
  summary: 'Lists the changes of a role’s prompt, those that wait or fell among them, the oldest first',
  tags: TAGS,
  params,
  querystring: page,
  response: { 200: z.strictObject({ changes: z.array(changeSchema), next_cursor: nextCursor }) },
})

/** Adds `/api/v1/governance/prompts/{role}`, `/versions`, `/versions/{version}` and `/history`: the caller's tenant alone. */
export function addPromptRoutes(app: FastifyInstance, { prompts }: PromptRoutesOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const path = '/api/v1/governance/prompts/:role'

  routes.get(path, { config: READ, schema: currentSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { role } = request.params
    const current = await prompts.current({ tenantId, agentRole: role })
    if (current !== null) return versionView(current)
    const message = `the role ${role} has no prompt yet`
    throw new LearningError({ code: 'LEARNING_VERSION_NOT_FOUND', message, details: { agentRole: role } })
  })

  routes.get(`${path}/versions`, { config: READ, schema: versionsSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const found = await prompts.versions({ tenantId, agentRole: request.params.role }, pageOf(request.query))
    return { versions: found.items.map(versionTitleView), next_cursor: found.nextCursor }
  })

  routes.get(`${path}/versions/:version`, { config: READ, schema: oneVersionSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { role, version } = request.params
    return versionView(await prompts.version({ tenantId, agentRole: role }, version))
  })

  routes.get(`${path}/history`, { config: READ, schema: historySchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const found = await prompts.history({ tenantId, agentRole: request.params.role }, pageOf(request.query))
    return { changes: found.items.map(changeView), next_cursor: found.nextCursor }
  })
}

function pageOf({ cursor, limit }: z.infer<typeof page>): {
  readonly limit: number
  readonly cursor?: string
} {
  return { limit, ...(cursor === undefined ? {} : { cursor }) }
}
