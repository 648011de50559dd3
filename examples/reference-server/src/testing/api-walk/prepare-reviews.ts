import { assembleGovernance } from '../../assemble-governance.ts'
import { reviewIdOf } from '../../http/routes/review-id.ts'
import type { AssembledServer } from '../assembled-server.ts'
import type { PreparedRequests } from './prepared-request.ts'

const CONTENT = 'hash-of-the-content'
const VETO = {
  decision: 'reject',
  findings: [{ severity: 'critical', message: 'runs any input', location: 'run.ts:3' }],
  rationale: 'unsafe',
  confidence: 1,
} as const

/** Rounds of review: one for the administrator's vote, one with a veto to override. */
export async function prepareReviews({ system }: AssembledServer): Promise<PreparedRequests> {
  const { reviews } = assembleGovernance(system)
  const open = async (subjectId: string): Promise<Parameters<typeof reviews.open>[0]> => {
    const review = {
      tenantId: 'acme',
      subjectId,
      round: 1,
      contentHash: CONTENT,
      authorId: 'developer-1',
      closesEarly: true,
      reviewers: [
        { agentId: 'admin-of-acme', role: 'reviewer', weightMilli: 1000, kind: 'human' },
        { agentId: 'security-1', role: 'security', weightMilli: 1000 },
        { agentId: 'tester-1', role: 'tester', weightMilli: 1000 },
      ],
    } as const
    await reviews.open(review)
    return review
  }
  const voted = { id: reviewIdOf(await open('to-vote-on')) }
  const vetoed = await open('vetoed')
  await reviews.vote({ ...vetoed, agentId: 'security-1', vote: VETO })
  return {
    'GET /api/v1/reviews/{id}': { path: voted },
    'GET /api/v1/reviews/{id}/explanation': { path: voted },
    'POST /api/v1/reviews/{id}/vote': {
      path: voted,
      body: { content_hash: CONTENT, decision: 'approve', rationale: 'I tried it.' },
    },
    'POST /api/v1/reviews/{id}/override': {
      path: { id: reviewIdOf(vetoed) },
      body: { content_hash: CONTENT, reason: 'The input is ours alone.' },
    },
  }
}
