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
  /** Agents whose vote came after the closing instant and was not counted; sorted. */
  readonly late: readonly string[]
  /** How the votes led to it, made of these numbers by template. */
  readonly explanation: string
  /** The closing instant. */
  readonly decidedAt: Date
}

/** Why there is no consensus. A tie and too few approvals keep things as they are. */
export type NoConsensusReason = 'quorum-missing' | 'no-decision' | 'tie' | 'below-threshold'

/** The kind of an outcome, with what belongs to that kind alone. */
export type ReviewDecision =
  | { readonly kind: 'approved' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'vetoed'; readonly vetoedBy: readonly string[] }
  | { readonly kind: 'no-consensus'; readonly reason: NoConsensusReason }

/** What a round decided. Only `approved` changes anything; `no-consensus` is for a supervisor. */
export type ReviewOutcome = ReviewOutcomeFacts & ReviewDecision

/** The kinds of outcome. */
export type ReviewOutcomeKind = ReviewOutcome['kind']
