import type { ReviewOutcome } from './review-outcome.ts'
import type { Reviewer, ReviewPolicy } from './review-policy.ts'
import type { CastVote } from './review-vote.ts'

/** Which round of review. */
export interface ReviewKey {
  readonly tenantId: string
  /** What is reviewed, such as a task's id, 1 to 256 characters. */
  readonly subjectId: string
  /** Which content of the subject, from 1. */
  readonly round: number
}

/** A round to open. */
export interface NewReview extends ReviewKey {
  /** Hash of the content to review; votes are bound to it. 1 to 128 characters. */
  readonly contentHash: string
  /** Who made the content. The author does not vote. */
  readonly authorId: string
  /** Who may vote, 1 to 100. */
  readonly reviewers: readonly Reviewer[]
  /** Default {@link DEFAULT_REVIEW_POLICY}. */
  readonly policy?: ReviewPolicy | undefined
  /** Milliseconds from the opening in which votes count, 1000 to 604800000. Default 3600000 (1 hour). */
  readonly deadlineAfterMs?: number | undefined
  /** Whether the vote after which no missing one can change the result closes the round. Default false. */
  readonly closesEarly?: boolean | undefined
  /** Whose escalation it is where the agents cannot settle the round, 1 to 128 characters. Default none. */
  readonly projectId?: string | undefined
}

/** What every round has. */
export interface ReviewFacts extends ReviewKey {
  readonly projectId: string | null
  readonly contentHash: string
  readonly authorId: string
  /** Sorted by id. */
  readonly reviewers: readonly Reviewer[]
  readonly policy: ReviewPolicy
  readonly closesEarly: boolean
  readonly openedAt: Date
  /** The last instant at which a vote counts. */
  readonly deadlineAt: Date
  /** Those in time, sorted by agent. */
  readonly votes: readonly CastVote[]
  /** Those cast after the deadline or the close, sorted by agent: kept, and not counted. */
  readonly lateVotes: readonly CastVote[]
}

/** A person's word that content passes in spite of a veto. */
export interface ReviewOverride {
  readonly by: string
  readonly reason: string
  readonly at: Date
}

/** A round that is open for votes. */
export type OpenRound = ReviewFacts & { readonly status: 'open' }

/** A round with its outcome, which never changes; a person may override a veto beside it. */
export type ClosedRound = ReviewFacts & {
  readonly status: 'closed'
  readonly closedAt: Date
  readonly outcome: ReviewOutcome
  readonly override: ReviewOverride | null
}

/** A round of review: open for votes, or closed with its outcome. */
export type ReviewRound = OpenRound | ClosedRound

/** Whether the content may pass: approved by the agents, or by a person in spite of their veto. */
export function isApproved(round: ReviewRound): boolean {
  return round.status === 'closed' && (round.outcome.kind === 'approved' || round.override !== null)
}
