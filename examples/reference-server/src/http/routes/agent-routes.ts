import type { AuditLog } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { AGENT_ROLES, AGENT_STATUSES, type Agent, type AgentRegistry } from '@golden-arch/core/tasks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'

/** What the routes of agents work with. */
export interface AgentRoutesOptions {
  readonly agents: Pick<AgentRegistry, 'list' | 'get' | 'enable' | 'disable'>
  readonly database: SqlDatabase
  readonly audit: AuditLog
}

const READ = { permission: 'agent:read' } as const
const MANAGE = { permission: 'agent:manage' } as const
const TAGS = ['agents'] as const
const params = z.object({ id: z.string().min(1).max(128) })
const role = z.enum(AGENT_ROLES)
const status = z.enum(AGENT_STATUSES)

const agentSchema = z.strictObject({
  id: z.string(),
  role,
  status,
  current_task_id: z.string().nullable(),
  model: z.string().nullable(),
  heartbeat_at: z.iso.datetime().nullable().describe('When its holder last told that it lives.'),
  updated_at: z.iso.datetime(),
})

const listSchema = routeSchema({
  summary: 'Lists agents in the order of their registration',
  tags: TAGS,
  querystring: z.strictObject({
    role: role.optional(),
    status: status.optional(),
    cursor: z.string().max(64).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  response: { 200: z.strictObject({ agents: z.array(agentSchema), next_cursor: z.string().nullable() }) },
})
const getSchema = routeSchema({
  summary: 'Shows an agent',
  tags: TAGS,
  params,
  response: { 200: agentSchema, errors: [404] },
})
const enableSchema = routeSchema({
  summary: 'Lets a disabled agent work again',
  tags: TAGS,
  params,
  response: { 200: agentSchema, errors: [404] },
})
const disableSchema = routeSchema({
  summary: 'Gives an agent no more work, and takes from it what it does',
  tags: TAGS,
  params,
  response: { 200: agentSchema, errors: [404] },
})

/** Adds `/api/v1/agents`, `/{id}`, `/{id}/enable` and `/{id}/disable`: the caller's tenant alone. */
export function addAgentRoutes(app: FastifyInstance, { agents, database, audit }: AgentRoutesOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const path = '/api/v1/agents'

  /** Does it and writes it down, both or neither. */
  const order = async (
    request: FastifyRequest,
    act: 'enable' | 'disable',
    agentId: string,
  ): Promise<Agent> => {
    const { tenantId } = callerOf(request).principal
    return await database.transaction(async (tx) => {
      const agent = await agents[act]({ tenantId, agentId }, tx)
      await audit.append(tx, {
        tenantId,
        actor: actorOf(request),
        action: `agent.${act}`,
        resource: `agent/${agentId}`,
        outcome: 'allowed',
      })
      return agent
    })
  }

  routes.get(path, { config: READ, schema: listSchema }, async (request) => {
    const { role, status, cursor, limit } = request.query
    const page = await agents.list({
      tenantId: callerOf(request).principal.tenantId,
      limit,
      ...(role === undefined ? {} : { role }),
      ...(status === undefined ? {} : { status }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    return { agents: page.items.map(agentView), next_cursor: page.nextCursor }
  })

  routes.get(`${path}/:id`, { config: READ, schema: getSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    return agentView(await agents.get({ tenantId, agentId: request.params.id }))
  })

  routes.post(`${path}/:id/enable`, { config: MANAGE, schema: enableSchema }, async (request) =>
    agentView(await order(request, 'enable', request.params.id)),
  )
  routes.post(`${path}/:id/disable`, { config: MANAGE, schema: disableSchema }, async (request) =>
    agentView(await order(request, 'disable', request.params.id)),
  )
}

function agentView(agent: Agent): z.infer<typeof agentSchema> {
  return {
    id: agent.agentId,
    role: agent.role,
    status: agent.status,
    current_task_id: agent.currentTaskId,
    model: agent.model,
    heartbeat_at: agent.heartbeatAt?.toISOString() ?? null,
    updated_at: agent.updatedAt.toISOString(),
  }
}
