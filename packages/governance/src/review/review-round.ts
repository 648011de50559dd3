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
  readonly policy?: ReviewPolicy
}

/** What every round has. */
export interface ReviewFacts extends ReviewKey {
  readonly contentHash: string
  readonly authorId: string
  /** Sorted by id. */
  readonly reviewers: readonly Reviewer[]
  readonly policy: ReviewPolicy
  readonly openedAt: Date
  /** Sorted by agent. */
  readonly votes: readonly CastVote[]
}

/** A round of review: open for votes, or closed with its outcome. */
export type ReviewRound = ReviewFacts &
  (
    | { readonly status: 'open' }
    | { readonly status: 'closed'; readonly closedAt: Date; readonly outcome: ReviewOutcome }
  )
