import { createHash, randomUUID } from 'node:crypto'
import {
  PROPOSAL_STATUSES,
  type PromptApprovals,
  type PromptGovernor,
  type ProposalDecision,
} from '@golden-arch/governance/learning'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { HttpError } from '../http-error.ts'
import { routeSchema } from '../route-schema.ts'
import {
  agentRole,
  approvalSchema,
  dossierSchema,
  nextCursor,
  proposalSchema,
  proposedSchema,
  rejectionSchema,
} from './governance-answers.ts'
import { approvalView, dossierView, proposalView, proposedView } from './governance-view.ts'

/** What the routes of proposals work with. */
export interface ProposalRoutesOptions {
  readonly governor: PromptGovernor
  readonly approvals: PromptApprovals
}

const READ = { permission: 'prompt:read' } as const
const PROPOSE = { permission: 'prompt:propose' } as const
const APPROVE = { permission: 'prompt:approve' } as const
const TAGS = ['governance'] as const
const updateId = z.string().min(1).max(256)
const params = z.object({ id: updateId })
const word = z.strictObject({
  content_sha256: z
    .string()
    .min(1)
    .max(256)
    .describe('Hash of the content that was looked at: for another it does not count.'),
  notes: z.string().max(4000).optional().describe('Why. Some roles want to know.'),
})

const listSchema = routeSchema({
  summary: 'Lists proposals for prompts, the newest first, with what became of them',
  tags: TAGS,
  querystring: z.strictObject({
    status: z.enum(PROPOSAL_STATUSES).optional(),
    agent_role: agentRole.optional(),
    cursor: z.string().max(64).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  response: { 200: z.strictObject({ proposals: z.array(proposalSchema), next_cursor: nextCursor }) },
})
const getSchema = routeSchema({
  summary: 'Shows a proposal with both texts side by side, what the gates say, evaluations and approvals',
  tags: TAGS,
  params,
  response: { 200: dossierSchema, errors: [404] },
})
const proposeSchema = routeSchema({
  summary: 'Proposes a text for the prompt of a role',
  description:
    'It is put in force at once, waits for people, or is refused (409 `PROMPT_UPDATE_REFUSED`, with the reason), by the ' +
    'rules of the role. With the same `update_id` and facts it is told and not done again.',
  tags: TAGS,
  body: z.strictObject({
    update_id: updateId.optional().describe('Made by the server where it is absent.'),
    agent_role: agentRole,
    content: z.string().min(1).max(1_000_000),
    reason: z.string().min(1).max(4000),
    expected_base_version: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .nullable()
      .optional()
      .describe('The version that it was made from, null for none: where another is in force it is refused.'),
  }),
  response: { 200: proposedSchema, 201: proposedSchema, 202: proposedSchema, errors: [409] },
})
const approveSchema = routeSchema({
  summary: 'Approves a proposal; the last approval that is wanted puts it in force',
  description: 'Never by who proposed it. Given again it is the same answer.',
  tags: TAGS,
  params,
  body: word,
  response: { 200: approvalSchema, errors: [404, 409] },
})
const rejectSchema = routeSchema({
  summary: 'Rejects a proposal: one person’s word settles it',
  tags: TAGS,
  params,
  body: word,
  response: { 200: rejectionSchema, errors: [404, 409] },
})

/** Adds `/api/v1/governance/proposals`, `/{id}`, `/{id}/approve` and `/{id}/reject`: the caller's tenant alone. */
export function addProposalRoutes(app: FastifyInstance, options: ProposalRoutesOptions): void {
  const { governor, approvals } = options
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const path = '/api/v1/governance/proposals'

  routes.get(path, { config: READ, schema: listSchema }, async (request) => {
    const { status, agent_role, cursor, limit } = request.query
    const page = await approvals.list({
      tenantId: callerOf(request).principal.tenantId,
      limit,
      ...(status === undefined ? {} : { status }),
      ...(agent_role === undefined ? {} : { agentRole: agent_role }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    return { proposals: page.items.map(proposalView), next_cursor: page.nextCursor }
  })

  routes.post(path, { config: PROPOSE, schema: proposeSchema }, async (request, reply) => {
    const {
      update_id: id = randomUUID(),
      agent_role,
      content,
      reason,
      expected_base_version: base,
    } = request.body
    const decision = await governor.propose({
      tenantId: callerOf(request).principal.tenantId,
      updateId: id,
      agentRole: agent_role,
      content,
      reason,
      actor: actorOf(request),
      ...(base === undefined ? {} : { expectedBaseVersion: base }),
    })
    if (decision.status === 'refused') throw refused(decision)
    const contentSha256 = createHash('sha256').update(content, 'utf8').digest('hex')
    return reply.status(STATUS[decision.status]).send(proposedView(id, contentSha256, decision))
  })

  routes.get(`${path}/:id`, { config: READ, schema: getSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    return dossierView(await approvals.dossier({ tenantId, updateId: request.params.id }))
  })

  routes.post(`${path}/:id/approve`, { config: APPROVE, schema: approveSchema }, async (request) => {
    const { id } = request.params
    const { tenantId } = callerOf(request).principal
    const command = { tenantId, updateId: id, actor: actorOf(request), ...wordOf(request.body) }
    return approvalView(id, await approvals.approve(command))
  })

  routes.post(`${path}/:id/reject`, { config: APPROVE, schema: rejectSchema }, async (request) => {
    const { id } = request.params
    const { tenantId } = callerOf(request).principal
    const command = { tenantId, updateId: id, actor: actorOf(request), ...wordOf(request.body) }
    const { status, by, at } = await approvals.reject(command)
    return { update_id: id, status, settled_by: by, settled_at: at.toISOString() }
  })
}

/** In force: created; waiting for people: accepted; told again once it has fallen: nothing was done. */
const STATUS = { applied: 201, pending: 202, rejected: 200, expired: 200, stale: 200 } as const

function wordOf({ content_sha256, notes }: z.infer<typeof word>): {
  readonly contentSha256: string
  readonly notes?: string
} {
  return { contentSha256: content_sha256, ...(notes === undefined ? {} : { notes }) }
}

function refused({
  reason,
  explanation,
  nextAllowedAt,
  findings,
}: Extract<ProposalDecision, { status: 'refused' }>): HttpError {
  return new HttpError(409, 'PROMPT_UPDATE_REFUSED', explanation, {
    reason,
    next_allowed_at: nextAllowedAt?.toISOString() ?? null,
    ...(findings === undefined ? {} : { findings }),
  })
}
