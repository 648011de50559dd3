import type { Redactor } from '@golden-arch/core/validation'
import type { DeadLetterFilter, DeadLetterQueue, RedriveRequest } from '@golden-arch/messaging'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import {
  deadLetterSchema,
  deadLettersPageSchema,
  groupResolutionSchema,
  groupsPageSchema,
  redriveSchema,
  resolutionSchema,
} from './dead-letter-answers.ts'
import { DeadLetterView } from './dead-letter-view.ts'

/** What the routes of dead letters work with. */
export interface DeadLetterRoutesOptions {
  readonly deadLetters: DeadLetterQueue
  /** Hides what a message may hold of secrets from those who look at it. */
  readonly redactor: Redactor
}

const READ = { permission: 'dlq:read' } as const
const MANAGE = { permission: 'dlq:manage' } as const
const TAGS = ['dead letters'] as const
/** A call that redrives answers when it is done: more is left to further calls. */
const MAX_REDRIVEN = 1000

const deadLetterId = z.string().regex(/^[1-9]\d{0,18}$/, 'must be the id of a dead letter')
const params = z.object({ id: deadLetterId })
const fingerprint = z.string().min(1).max(128)
const filter = {
  fingerprint: fingerprint.optional(),
  stream: z.string().min(1).max(256).optional(),
  consumer: z.string().min(1).max(128).optional(),
  subject: z.string().min(1).max(512).optional(),
}
const page = {
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}
const note = z.string().min(1).max(1000).optional().describe('Why nothing more is to be done.')

const listSchema = routeSchema({
  summary: 'Lists dead letters, the latest first, without their payloads',
  tags: TAGS,
  querystring: z.strictObject({
    status: z.enum(['open', 'redriving', 'redriven', 'resolved']).optional(),
    ...filter,
    ...page,
  }),
  response: { 200: deadLettersPageSchema },
})
const groupsSchema = routeSchema({
  summary: 'Lists the kinds of failure that have unresolved dead letters, the one with the latest first',
  tags: TAGS,
  querystring: z.strictObject(page),
  response: { 200: groupsPageSchema },
})
const getSchema = routeSchema({
  summary: 'Shows a dead letter, its secrets hidden',
  tags: TAGS,
  params,
  response: { 200: deadLetterSchema, errors: [404] },
})
const resolveSchema = routeSchema({
  summary: 'Settles a dead letter for good: nothing more is done with it',
  tags: TAGS,
  params,
  body: z.strictObject({ note }).nullish(),
  response: { 200: resolutionSchema, errors: [404, 409] },
})
const resolveGroupSchema = routeSchema({
  summary: 'Settles open dead letters of one kind, 500 at most',
  tags: TAGS,
  params: z.object({ fingerprint }),
  body: z.strictObject({ note }).nullish(),
  response: { 200: groupResolutionSchema },
})
const redriveRouteSchema = routeSchema({
  summary: 'Publishes dead letters again under the subjects that they came under',
  description:
    'Those of `ids`, or all open ones that fit the filter; `{}` is all. It answers when all are published. One that ' +
    'fails again becomes a new dead letter, whose `redrive_of` is the old one.',
  tags: TAGS,
  body: z
    .strictObject({
      ids: z.array(deadLetterId).min(1).max(MAX_REDRIVEN).optional(),
      ...filter,
      limit: z
        .int()
        .min(1)
        .max(MAX_REDRIVEN)
        .optional()
        .describe('Default 100, or as many as there are ids.'),
      rate_per_second: z.int().min(1).max(1000).optional().describe('Default 100.'),
      dry_run: z.boolean().optional().describe('Only tells what would be done.'),
    })
    .refine(
      ({ ids, fingerprint, stream, consumer, subject }) =>
        ids === undefined || [fingerprint, stream, consumer, subject].every((one) => one === undefined),
      'either ids or a filter',
    ),
  response: { 200: redriveSchema },
})

type RedriveBody = z.infer<typeof redriveRouteSchema.body>

/** Adds `/api/v1/dlq`, `/groups`, `/{id}`, `/{id}/resolve` and `/redrive`: the caller's tenant alone. */
export function addDeadLetterRoutes(app: FastifyInstance, options: DeadLetterRoutesOptions): void {
  const { deadLetters, redactor } = options
  const view = new DeadLetterView(redactor)
  const routes = app.withTypeProvider<ZodTypeProvider>()

  routes.get('/api/v1/dlq', { config: READ, schema: listSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { status, cursor, limit } = request.query
    const found = await deadLetters.list({
      ...filterOf(request.query),
      ...(status === undefined ? {} : { status }),
      ...(cursor === undefined ? {} : { cursor }),
      ...{ tenantId, limit },
    })
    return { dead_letters: found.items.map((item) => view.summary(item)), next_cursor: found.nextCursor }
  })

  routes.get('/api/v1/dlq/groups', { config: READ, schema: groupsSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { cursor, limit } = request.query
    const found = await deadLetters.groups({ tenantId, limit, ...(cursor === undefined ? {} : { cursor }) })
    return { groups: found.items.map((group) => view.group(group)), next_cursor: found.nextCursor }
  })

  routes.get('/api/v1/dlq/:id', { config: READ, schema: getSchema }, async (request) => {
    const { principal } = callerOf(request)
    const { tenantId } = principal
    return view.whole(await deadLetters.get({ tenantId, dlqId: request.params.id }), principal)
  })

  routes.post('/api/v1/dlq/:id/resolve', { config: MANAGE, schema: resolveSchema }, async (request) => {
    const { tenantId } = callerOf(request).principal
    const { id } = request.params
    const act = { tenantId, dlqId: id, actor: actorOf(request), reason: request.body?.note }
    return { id, ...(await deadLetters.resolve(act)) }
  })

  routes.post(
    '/api/v1/dlq/groups/:fingerprint/resolve',
    { config: MANAGE, schema: resolveGroupSchema },
    async (request) => {
      const { tenantId } = callerOf(request).principal
      const { fingerprint } = request.params
      const act = { tenantId, fingerprint, actor: actorOf(request), reason: request.body?.note }
      const { resolved, hasMore } = await deadLetters.resolveGroup(act)
      return { resolved, has_more: hasMore }
    },
  )

  routes.post(
    '/api/v1/dlq/redrive',
    { config: MANAGE, schema: redriveRouteSchema },
    async (request, reply) => {
      const { tenantId } = callerOf(request).principal
      const left = new AbortController()
      // Who has gone is told nothing; what was not begun stays open.
      reply.raw.once('close', () => left.abort())
      const act = { tenantId, actor: actorOf(request), signal: left.signal, ...orderOf(request.body) }
      return view.report(await deadLetters.redrive(act))
    },
  )
}

function filterOf(
  given: {
    readonly [Name in keyof typeof filter]?: string | undefined
  },
): Omit<DeadLetterFilter, 'status'> {
  const { fingerprint, stream, consumer, subject } = given
  return {
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(stream === undefined ? {} : { stream }),
    ...(consumer === undefined ? {} : { consumer }),
    ...(subject === undefined ? {} : { subject }),
  }
}

/** Those of `ids`, those that fit, or all where neither is given. */
function selectOf(body: RedriveBody): RedriveRequest['select'] {
  if (body.ids !== undefined) return { dlqIds: body.ids }
  const given = filterOf(body)
  return Object.keys(given).length === 0 ? { all: true } : given
}

function orderOf(body: RedriveBody): Omit<RedriveRequest, 'actor'> {
  const { ids, limit = ids?.length, rate_per_second: ratePerSecond, dry_run: isDryRun } = body
  return {
    select: selectOf(body),
    ...(limit === undefined ? {} : { limit }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(isDryRun === undefined ? {} : { isDryRun }),
  }
}
