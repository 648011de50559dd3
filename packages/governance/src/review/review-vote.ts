import { InvalidOptionError, requireOneOf } from '@golden-arch/core/errors'
import { type ReviewFinding, requireFindings } from './review-finding.ts'
import { requireStorableText } from './storable-text.ts'

/** How an agent may vote. */
export const REVIEW_DECISIONS = ['approve', 'reject', 'abstain'] as const

/** An agent's vote on a piece of work. */
export interface ReviewVote {
  readonly decision: (typeof REVIEW_DECISIONS)[number]
  /** What was found, at most 50. A rejection with a `critical` one by a role with a veto settles the round. */
  readonly findings: readonly ReviewFinding[]
  /** Why: well-formed text of 1 to 4000 characters without NUL. */
  readonly rationale: string
  /** The agent's own certainty, 0 to 1. It informs; it does not count. */
  readonly confidence: number
}

/** A vote as it was cast. */
export interface CastVote extends ReviewVote {
  readonly agentId: string
  readonly castAt: Date
}

/** Returns `vote` if it keeps the rules of its type. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireReviewVote(vote: ReviewVote): ReviewVote {
  const { confidence } = vote
  const rationale = requireStorableText('vote.rationale', vote.rationale, 4000)
  if (typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 1)) {
    throw new InvalidOptionError('vote.confidence', 'a number from 0 to 1', confidence)
  }
  return {
    decision: requireOneOf('vote.decision', vote.decision, REVIEW_DECISIONS),
    findings: requireFindings(vote.findings),
    rationale,
    confidence,
  }
}
