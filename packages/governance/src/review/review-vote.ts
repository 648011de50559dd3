import { InvalidOptionError, requireOneOf } from '@golden-arch/core/errors'

/** How an agent may vote. */
export const REVIEW_DECISIONS = ['approve', 'reject', 'abstain'] as const
/** How bad the worst thing is that an agent found. */
export const REVIEW_SEVERITIES = ['none', 'minor', 'major', 'critical'] as const

/** An agent's vote on a piece of work. */
export interface ReviewVote {
  readonly decision: (typeof REVIEW_DECISIONS)[number]
  /** The worst thing found. A rejection with `critical` by a role with a veto settles the round. */
  readonly severity: (typeof REVIEW_SEVERITIES)[number]
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

const MAX_RATIONALE_LENGTH = 4000

/** Returns `vote` if it keeps the rules of its type. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireReviewVote(vote: ReviewVote): ReviewVote {
  const { rationale, confidence } = vote
  if (!isStorableText(rationale)) {
    const rule = `well-formed text of 1 to ${MAX_RATIONALE_LENGTH} characters without NUL`
    throw new InvalidOptionError('vote.rationale', rule, rationale)
  }
  if (typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 1)) {
    throw new InvalidOptionError('vote.confidence', 'a number from 0 to 1', confidence)
  }
  return {
    decision: requireOneOf('vote.decision', vote.decision, REVIEW_DECISIONS),
    severity: requireOneOf('vote.severity', vote.severity, REVIEW_SEVERITIES),
    rationale,
    confidence,
  }
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair. */
function isStorableText(text: unknown): boolean {
  if (typeof text !== 'string' || text.length === 0 || text.length > MAX_RATIONALE_LENGTH) return false
  return text.isWellFormed() && !text.includes('\0')
}
