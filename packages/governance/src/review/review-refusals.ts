import { ReviewError, type ReviewErrorCode } from './review-error.ts'
import type { ReviewKey } from './review-round.ts'

/** An error about one round. */
export function reviewRefusal(
  code: ReviewErrorCode,
  message: string,
  key: ReviewKey,
  more: Readonly<Record<string, unknown>> = {},
): ReviewError {
  const { tenantId, subjectId, round } = key
  return new ReviewError({ code, message, details: { tenantId, subjectId, round, ...more } })
}

/** The author of the content is among the reviewers, or votes. */
export function authorMayNotVote(key: ReviewKey, agentId: string): ReviewError {
  return reviewRefusal('REVIEW_AUTHOR_MAY_NOT_VOTE', `agent ${agentId} made this content`, key, { agentId })
}
