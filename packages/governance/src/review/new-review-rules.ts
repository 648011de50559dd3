import { isDeepStrictEqual } from 'node:util'
import { requireFlag, requireInteger, requireTenantId, requireText } from '@golden-arch/core/errors'
import { DEFAULT_REVIEW_POLICY, requireReviewers, requireReviewPolicy } from './review-policy.ts'
import { authorMayNotVote } from './review-refusals.ts'
import type { NewReview, ReviewFacts, ReviewKey } from './review-round.ts'

/** A round to open with nothing left to a default. */
export type ResolvedNewReview = Pick<
  ReviewFacts,
  keyof ReviewKey | 'projectId' | 'contentHash' | 'authorId' | 'reviewers' | 'policy' | 'closesEarly'
> & { readonly deadlineAfterMs: number }

const DEFAULT_DEADLINE_AFTER_MS = 3_600_000

/**
 * Returns `review` with its defaults if it keeps the rules of its type.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise; ReviewError `REVIEW_AUTHOR_MAY_NOT_VOTE` where the author is
 * among the reviewers.
 */
export function requireNewReview(review: NewReview): ResolvedNewReview {
  const authorId = requireText('authorId', review.authorId, 128)
  const reviewers = requireReviewers(review.reviewers)
  if (reviewers.some((one) => one.agentId === authorId)) throw authorMayNotVote(review, authorId)
  const closesEarly = requireFlag('closesEarly', review.closesEarly ?? false)
  const deadlineAfterMs = review.deadlineAfterMs ?? DEFAULT_DEADLINE_AFTER_MS
  return {
    tenantId: requireTenantId(review.tenantId),
    subjectId: requireText('subjectId', review.subjectId, 256),
    round: requireInteger('round', review.round, { min: 1, max: 2 ** 31 - 1 }),
    projectId: review.projectId === undefined ? null : requireText('projectId', review.projectId, 128),
    contentHash: requireText('contentHash', review.contentHash, 128),
    authorId,
    reviewers,
    policy: requireReviewPolicy(review.policy ?? DEFAULT_REVIEW_POLICY),
    deadlineAfterMs: requireInteger('deadlineAfterMs', deadlineAfterMs, { min: 1000, max: 604_800_000 }),
    closesEarly,
  }
}

/** Whether a round that is there was opened with these facts. */
export function isSameReview(round: ReviewFacts, review: ResolvedNewReview): boolean {
  const { projectId, contentHash, authorId, reviewers, policy, closesEarly } = round
  const deadlineAfterMs = round.deadlineAt.getTime() - round.openedAt.getTime()
  const { tenantId, subjectId, round: number } = review
  const key = { tenantId, subjectId, round: number }
  const facts = { projectId, contentHash, authorId, reviewers, policy, deadlineAfterMs, closesEarly }
  return isDeepStrictEqual({ ...key, ...facts }, review)
}
