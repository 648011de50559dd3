/** The sums of a tally, in thousandths of a vote. */
export interface ReviewSums {
  readonly approveMilli: number
  readonly rejectMilli: number
  readonly abstainMilli: number
  /** Weight of all who may vote. */
  readonly eligibleMilli: number
}

/** What every outcome tells. */
export interface ReviewOutcomeFacts extends ReviewSums {
  /** Agents without whose vote, had they abstained, the kind of outcome would be another; sorted. */
  readonly pivotal: readonly string[]
  /** Agents with a vote after the deadline or the closing instant, which was not counted; sorted. */
  readonly late: readonly string[]
  /** How the votes led to it, made of these numbers by template. */
  readonly explanation: string
  /** The closing instant. */
  readonly decidedAt: Date
}

/**
 * Why there is no consensus; in each case things stay as they are. `deadline` is a missing quorum once the deadline has
 * passed, `quorum-missing` one where the round was closed before it.
 */
export type NoConsensusReason = 'quorum-missing' | 'deadline' | 'no-decision' | 'tie' | 'below-threshold'

/** The kind of an outcome, with what belongs to that kind alone. */
export type ReviewDecision =
  | { readonly kind: 'approved' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'vetoed'; readonly vetoedBy: readonly string[] }
  | { readonly kind: 'no-consensus'; readonly reason: NoConsensusReason }

/** What a round decided. Only `approved` changes anything; `no-consensus` and `vetoed` are for a supervisor. */
export type ReviewOutcome = ReviewOutcomeFacts & ReviewDecision

/** The kinds of outcome. */
export type ReviewOutcomeKind = ReviewOutcome['kind']
