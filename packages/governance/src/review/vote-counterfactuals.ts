import { decideReview } from './decide-review.ts'
import type { Ballot } from './match-ballots.ts'
import type { ReviewOutcomeKind, ReviewSums } from './review-outcome.ts'
import type { Reviewer, ReviewPolicy } from './review-policy.ts'
import type { ReviewVote } from './review-vote.ts'

/** What the kind of outcome would have been, had one reviewer voted so and all others as they did. */
export interface VoteCounterfactuals {
  readonly approve: ReviewOutcomeKind
  /** By a rejection that is no veto. */
  readonly reject: ReviewOutcomeKind
  readonly abstain: ReviewOutcomeKind
  /** Without any answer, which counts for no quorum. */
  readonly silent: ReviewOutcomeKind
}

/** What a reviewer did, and what it changed. */
export interface VoterAccount extends Reviewer {
  /** `silent` where no vote of theirs was counted. */
  readonly answer: ReviewVote['decision'] | 'silent'
  /** Whether the vote is among those that veto. */
  readonly isVeto: boolean
  readonly hadTheyVoted: VoteCounterfactuals
  /** Whether another answer of theirs, or none, would have given another kind of outcome. */
  readonly isPivotal: boolean
}

/** A counted round, as {@link decideReview} takes it. */
export interface CountedRound {
  readonly ballots: readonly Ballot[]
  readonly sums: ReviewSums
  readonly vetoers: readonly string[]
  readonly policy: ReviewPolicy
}

/** The account of each reviewer, in the order given. Another answer never adds a veto: a role that has one could always block. */
export function accountVotes(round: CountedRound, reviewers: readonly Reviewer[]): readonly VoterAccount[] {
  const actual = decideReview(round.sums, round.vetoers, round.policy).kind
  const byAgent = new Map(round.ballots.map(({ vote }) => [vote.agentId, vote.decision]))
  return reviewers.map((reviewer) => {
    const answer = byAgent.get(reviewer.agentId) ?? 'silent'
    const kindOf = (other: VoterAccount['answer']): ReviewOutcomeKind =>
      other === answer && answer !== 'reject' ? actual : kindWith(round, reviewer, answer, other)
    const hadTheyVoted: VoteCounterfactuals = {
      approve: kindOf('approve'),
      reject: kindOf('reject'),
      abstain: kindOf('abstain'),
      silent: kindOf('silent'),
    }
    return {
      ...reviewer,
      answer,
      isVeto: round.vetoers.includes(reviewer.agentId),
      hadTheyVoted,
      isPivotal: Object.values(hadTheyVoted).some((kind) => kind !== actual),
    }
  })
}

/** `sums` with one weight moved from one answer to another. */
export function withAnswer(
  sums: ReviewSums,
  weightMilli: number,
  from: VoterAccount['answer'],
  to: VoterAccount['answer'],
): ReviewSums {
  const milli = {
    approve: sums.approveMilli,
    reject: sums.rejectMilli,
    abstain: sums.abstainMilli,
    silent: 0,
  }
  milli[from] -= weightMilli
  milli[to] += weightMilli
  return {
    approveMilli: milli.approve,
    rejectMilli: milli.reject,
    abstainMilli: milli.abstain,
    eligibleMilli: sums.eligibleMilli,
  }
}

function kindWith(
  round: CountedRound,
  reviewer: Reviewer,
  from: VoterAccount['answer'],
  to: VoterAccount['answer'],
): ReviewOutcomeKind {
  const vetoers = round.vetoers.filter((one) => one !== reviewer.agentId)
  return decideReview(withAnswer(round.sums, reviewer.weightMilli, from, to), vetoers, round.policy).kind
}
