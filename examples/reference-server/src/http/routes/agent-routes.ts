import type { AuditLog } from '@golden-arch/core/audit'
import type { Page, PageOptions, SqlDatabase } from '@golden-arch/core/storage'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/governance/review'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'

/** Whether an agent is free. */
const AGENT_STATUSES = ['idle', 'working', 'disabled'] as const

/** Which agent. */
export interface AgentAddress {
  readonly tenantId: string
  readonly agentId: string
}

/** An agent as it stands. */
export interface ListedAgent extends AgentAddress {
  readonly role: AgentRole
  readonly status: (typeof AGENT_STATUSES)[number]
  readonly currentTaskId: string | null
  readonly model: string | null
  readonly heartbeatAt: Date | null
  readonly updatedAt: Date
}

/** Which agents are wanted. */
export interface AgentListing extends PageOptions {
  readonly tenantId: string
  readonly role?: AgentRole
  readonly status?: ListedAgent['status']
}

/** The agents of tenants, as these routes ask for them. Each throws `AGENT_NOT_FOUND` where there is no such agent. */
export interface AgentDirectory {
  /** A page of agents in the order of their registration. */
  list(options: AgentListing): Promise<Page<ListedAgent>>
  get(key: AgentAddress): Promise<ListedAgent>
  enable(key: AgentAddress): Promise<ListedAgent>
  /** Takes the agent from whoever holds it, too. */
  disable(key: AgentAddress): Promise<ListedAgent>
}

/** What the routes of agents work with. */
export interface AgentRoutesOptions {
  readonly agents: AgentDirectory
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

  const record = (
    request: FastifyRequest,
    action: string,
    { tenantId, agentId }: AgentAddress,
  ): Promise<void> =>
    database.transaction((tx) =>
      audit.append(tx, {
        tenantId,
        actor: actorOf(request),
        action,
        resource: `agent/${agentId}`,
        outcome: 'allowed',
      }),
    )

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

  routes.post(`${path}/:id/enable`, { config: MANAGE, schema: enableSchema }, async (request) => {
    const key = { tenantId: callerOf(request).principal.tenantId, agentId: request.params.id }
    const agent = await agents.enable(key)
    await record(request, 'agent.enable', key)
    return agentView(agent)
  })

  routes.post(`${path}/:id/disable`, { config: MANAGE, schema: disableSchema }, async (request) => {
    const key = { tenantId: callerOf(request).principal.tenantId, agentId: request.params.id }
    const agent = await agents.disable(key)
    await record(request, 'agent.disable', key)
    return agentView(agent)
  })
}

function agentView(agent: ListedAgent): z.infer<typeof agentSchema> {
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
