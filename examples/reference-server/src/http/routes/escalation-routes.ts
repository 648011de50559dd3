import { ESCALATION_DECISIONS, type EscalationStore } from '@golden-arch/governance/escalation'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { listOrder, routeSchema } from '../route-schema.ts'
import { escalationSchema, level, severity } from './escalation-answers.ts'
import { escalationView } from './escalation-view.ts'
import { nextCursor } from './governance-answers.ts'

/** What the routes of escalations work with. */
export interface EscalationRoutesOptions {
  readonly escalations: EscalationStore
}

const RESOLVE = { permission: 'escalation:resolve' } as const
const TAGS = ['escalations'] as const
const params = z.object({ id: z.string().min(1).max(64) })
const name = z.string().min(1).max(256)

const listSchema = routeSchema({
  summary: 'Lists escalations, in the order in which they were raised',
  tags: TAGS,
  querystring: z
    .strictObject({
      status: z
        .enum(['open', 'acknowledged', 'resolved', 'unresolved'])
        .optional()
        .describe('`unresolved`: open or acknowledged.'),
      level: level.optional(),
      severity: severity.optional(),
      assignee: name.optional(),
      project_id: z.string().min(1).max(128).optional(),
      subject_kind: z.string().min(1).max(32).optional(),
      subject_id: name.optional(),
      order: listOrder,
      cursor: z.string().max(64).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    })
    .refine(
      ({ subject_kind, subject_id }) => (subject_kind === undefined) === (subject_id === undefined),
      'subject_kind and subject_id go together',
    ),
  response: { 200: z.strictObject({ escalations: z.array(escalationSchema), next_cursor: nextCursor }) },
})
const getSchema = routeSchema({
  summary: 'Shows an escalation',
  tags: TAGS,
  params,
  response: { 200: escalationSchema, errors: [404] },
})
const acknowledgeSchema = routeSchema({
  summary: 'Takes an escalation on: it goes on to no further level meanwhile',
  tags: TAGS,
  params,
  response: { 200: escalationSchema, errors: [404, 409] },
})
const assignSchema = routeSchema({
  summary: 'Says who is to settle an escalation; the last word holds',
  tags: TAGS,
  params,
  body: z.strictObject({ assignee: name.nullable().describe('Id of a user; null: nobody any more.') }),
  response: { 200: escalationSchema, errors: [404, 409] },
})
const resolveSchema = routeSchema({
  summary: 'Settles an escalation by a person’s word',
  description:
    'Where a task asks, `decision` says what becomes of it: `approve` accepts it as it is, `retry` lets it try again, ' +
    '`reject` and `cancel` end it. Again with the same words it is the same answer.',
  tags: TAGS,
  params,
  body: z.strictObject({
    resolution: z.string().min(1).max(4000).describe('What was decided, in words.'),
    decision: z.enum(ESCALATION_DECISIONS).optional(),
  }),
  response: { 200: escalationSchema, errors: [404, 409] },
})

/** Adds `/api/v1/escalations`, `/{id}`, `/{id}/acknowledge`, `/{id}/assign` and `/{id}/resolve`: the caller's tenant alone. */
export function addEscalationRoutes(app: FastifyInstance, { escalations }: EscalationRoutesOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const path = '/api/v1/escalations'

  routes.get(path, { config: RESOLVE, schema: listSchema }, async (request) => {
    const { status, level, severity, assignee, project_id, subject_kind, subject_id, ...bounds } =
      request.query
    const page = await escalations.list({
      tenantId: callerOf(request).principal.tenantId,
      ...bounds,
      ...(status === undefined ? {} : { status }),
      ...(level === undefined ? {} : { level }),
      ...(severity === undefined ? {} : { severity }),
      ...(assignee === undefined ? {} : { assignee }),
      ...(project_id === undefined ? {} : { projectId: project_id }),
      ...(subject_kind === undefined || subject_id === undefined
        ? {}
        : { subject: { kind: subject_kind, id: subject_id } }),
    })
    return { escalations: page.items.map(escalationView), next_cursor: page.nextCursor }
  })

  routes.get(`${path}/:id`, { config: RESOLVE, schema: getSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    return escalationView(await escalations.get({ tenantId, escalationId: request.params.id }))
  })

  routes.post(`${path}/:id/acknowledge`, { config: RESOLVE, schema: acknowledgeSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const key = { tenantId, escalationId: request.params.id }
    return escalationView(await escalations.acknowledge({ ...key, actor: actorOf(request) }))
  })

  routes.post(`${path}/:id/assign`, { config: RESOLVE, schema: assignSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const key = { tenantId, escalationId: request.params.id }
    const { assignee } = request.body
    return escalationView(await escalations.assign({ ...key, actor: actorOf(request), assignee }))
  })

  routes.post(`${path}/:id/resolve`, { config: RESOLVE, schema: resolveSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const key = { tenantId, escalationId: request.params.id }
    const { resolution, decision = null } = request.body
    return escalationView(
      await escalations.resolve({ ...key, actor: actorOf(request), resolution, decision }),
    )
  })
}
