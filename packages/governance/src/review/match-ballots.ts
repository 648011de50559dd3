import { ReviewError, type ReviewErrorCode } from './review-error.ts'
import type { Reviewer } from './review-policy.ts'
import type { CastVote } from './review-vote.ts'

/** A vote with the reviewer who cast it. */
export interface Ballot {
  readonly reviewer: Reviewer
  readonly vote: CastVote
}

/**
 * The votes with their reviewers, sorted by agent, so that their order cannot matter.
 * @throws ReviewError `REVIEW_NOT_ELIGIBLE` on a vote of someone else, `REVIEW_DUPLICATE_VOTE` on two votes of one agent.
 */
export function matchBallots(votes: readonly CastVote[], eligible: readonly Reviewer[]): readonly Ballot[] {
  const byId = new Map(eligible.map((one) => [one.agentId, one]))
  const seen = new Set<string>()
  const ballots = votes.map((vote) => {
    const { agentId } = vote
    const reviewer = byId.get(agentId)
    if (reviewer === undefined) throw refusal('REVIEW_NOT_ELIGIBLE', agentId, 'is no reviewer of this round')
    if (seen.has(agentId)) throw refusal('REVIEW_DUPLICATE_VOTE', agentId, 'has two votes in this tally')
    seen.add(agentId)
    return { reviewer, vote }
  })
  return ballots.sort((a, b) => (a.vote.agentId < b.vote.agentId ? -1 : 1))
}

function refusal(code: ReviewErrorCode, agentId: string, what: string): ReviewError {
  return new ReviewError({ code, message: `agent ${agentId} ${what}`, details: { agentId } })
}
