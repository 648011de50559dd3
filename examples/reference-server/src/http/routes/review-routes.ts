import {
  type CastVote,
  explainConsensus,
  type PeerReviewStore,
  REVIEW_DECISIONS,
  ReviewError,
  type ReviewFinding,
  type ReviewKey,
} from '@golden-arch/governance/review'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { actorOf, callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { nextCursor } from './governance-answers.ts'
import {
  explanationSchema,
  findingSchema,
  outcomeKind,
  receiptSchema,
  reviewSchema,
  reviewSummarySchema,
} from './review-answers.ts'
import { reviewKeyOf } from './review-id.ts'
import { explanationView, reviewSummaryView, reviewView } from './review-view.ts'

/** What the routes of peer review work with. */
export interface ReviewRoutesOptions {
  readonly reviews: PeerReviewStore
}

const VOTE = { permission: 'review:vote' } as const
const OVERRIDE = { permission: 'escalation:resolve' } as const
const TAGS = ['reviews'] as const
const params = z.object({ id: z.string().min(1).max(2048) })
const contentHash = z.string().min(1).max(128).describe('Hash of the content that was looked at.')

const listSchema = routeSchema({
  summary: 'Lists rounds of review, the one opened last first',
  tags: TAGS,
  querystring: z.strictObject({
    status: z.enum(['open', ...outcomeKind.options]).optional(),
    subject_id: z.string().min(1).max(256).optional(),
    cursor: z.string().max(64).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  response: { 200: z.strictObject({ reviews: z.array(reviewSummarySchema), next_cursor: nextCursor }) },
})
const getSchema = routeSchema({
  summary: 'Shows a round with its votes and its outcome',
  tags: TAGS,
  params,
  response: { 200: reviewSchema, errors: [404] },
})
const explainSchema = routeSchema({
  summary:
    'Explains a round: what each vote changed, the fewest that would have changed the outcome, each one’s power',
  tags: TAGS,
  params,
  response: { 200: explanationSchema, errors: [404] },
})
const voteSchema = routeSchema({
  summary: 'Casts the caller’s own vote, where the round counts that person among its reviewers',
  description: 'Until the close another vote takes its place; the same again changes nothing.',
  tags: TAGS,
  params,
  body: z.strictObject({
    content_hash: contentHash,
    decision: z.enum(REVIEW_DECISIONS),
    rationale: z.string().min(1).max(4000),
    confidence: z.number().min(0).max(1).default(1),
    findings: z.array(findingSchema).max(50).default([]),
  }),
  response: { 200: receiptSchema, errors: [404, 409] },
})
const overrideSchema = routeSchema({
  summary: 'Lets content pass in spite of a veto, by a person’s word',
  tags: TAGS,
  params,
  body: z.strictObject({ content_hash: contentHash, reason: z.string().min(1).max(4000) }),
  response: { 200: reviewSchema, errors: [404, 409] },
})

/** Adds `/api/v1/reviews`, `/{id}`, `/{id}/explanation`, `/{id}/vote` and `/{id}/override`: the caller's tenant alone. */
export function addReviewRoutes(app: FastifyInstance, { reviews }: ReviewRoutesOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const path = '/api/v1/reviews'

  routes.get(path, { config: VOTE, schema: listSchema }, async (request) => {
    const { status, subject_id, cursor, limit } = request.query
    const page = await reviews.list({
      tenantId: callerOf(request).principal.tenantId,
      limit,
      ...(status === undefined ? {} : { status }),
      ...(subject_id === undefined ? {} : { subjectId: subject_id }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    return { reviews: page.items.map(reviewSummaryView), next_cursor: page.nextCursor }
  })

  routes.get(`${path}/:id`, { config: VOTE, schema: getSchema }, async (request) =>
    reviewView(await reviews.get(keyOf(request, request.params.id))),
  )

  routes.get(`${path}/:id/explanation`, { config: VOTE, schema: explainSchema }, async (request) => {
    const round = await reviews.get(keyOf(request, request.params.id))
    const { policy, reviewers: eligible, deadlineAt } = round
    const votes = [...round.votes, ...round.lateVotes]
    const now = round.status === 'closed' ? round.closedAt : lastOf(round.openedAt, votes)
    return explanationView(round, explainConsensus({ votes, policy, eligible, now, deadlineAt }))
  })

  routes.post(`${path}/:id/vote`, { config: VOTE, schema: voteSchema }, async (request) => {
    const key = keyOf(request, request.params.id)
    const actor = actorOf(request)
    const { content_hash, findings, ...vote } = request.body
    const receipt = await reviews.vote({
      ...key,
      agentId: actor.id,
      actor,
      contentHash: content_hash,
      vote: { ...vote, findings: findings.map(findingOf) },
    })
    return { receipt, review: reviewView(await reviews.get(key)) }
  })

  routes.post(`${path}/:id/override`, { config: OVERRIDE, schema: overrideSchema }, async (request) => {
    const key = keyOf(request, request.params.id)
    const { content_hash, reason } = request.body
    return reviewView(
      await reviews.override({ ...key, contentHash: content_hash, reason, actor: actorOf(request) }),
    )
  })
}

function keyOf(request: FastifyRequest, id: string): ReviewKey {
  const { tenantId } = callerOf(request).principal
  const key = reviewKeyOf(id)
  if (key !== undefined) return { tenantId, ...key }
  throw new ReviewError({ code: 'REVIEW_NOT_FOUND', message: 'no such review', details: { id } })
}

/** When the last thing happened to a round: what is there by now is all counted. */
function lastOf(openedAt: Date, votes: readonly CastVote[]): Date {
  return new Date(Math.max(openedAt.getTime(), ...votes.map(({ castAt }) => castAt.getTime())))
}

function findingOf({ location, ...finding }: z.infer<typeof findingSchema>): ReviewFinding {
  return { ...finding, ...(location === undefined ? {} : { location }) }
}
