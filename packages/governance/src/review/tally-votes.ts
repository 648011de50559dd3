import { decideReview, sumUp, vetoersOf } from './decide-review.ts'
import { explainTally } from './explain-tally.ts'
import { type Ballot, matchBallots } from './match-ballots.ts'
import type { ReviewDecision, ReviewOutcome, ReviewOutcomeKind } from './review-outcome.ts'
import { type Reviewer, type ReviewPolicy, requireReviewers, requireReviewPolicy } from './review-policy.ts'
import type { CastVote } from './review-vote.ts'

/** What a tally is made of. */
export interface TallyInput {
  /** One vote of each agent at most, and one late one, in any order. */
  readonly votes: readonly CastVote[]
  readonly policy: ReviewPolicy
  /** All who may vote, whether they did or not. */
  readonly eligible: readonly Reviewer[]
  /** The closing instant. Votes cast after it are named as late and not counted. */
  readonly now: Date
  /** The instant after which votes are late, however much later the round closes. Default: the closing instant. */
  readonly deadlineAt?: Date
}

/**
 * Decides a round of review. A critical rejection by a role with a veto settles it. Else the weight of all who answered
 * must reach the quorum; then the approving share of the decisive weight (approvals and rejections) must reach the
 * threshold and exceed the rejections to approve, and rejections must exceed approvals to reject. All else is no
 * consensus, for the reason `deadline` where the quorum is missing and the deadline has passed.
 * @throws InvalidOptionError `INVALID_OPTION` on a policy or reviewer out of range; ReviewError `REVIEW_NOT_ELIGIBLE`
 * on a vote of someone else, `REVIEW_DUPLICATE_VOTE` on two votes of one agent, both in time or both late.
 */
export function tallyVotes(input: TallyInput): ReviewOutcome {
  const policy = requireReviewPolicy(input.policy)
  const eligible = requireReviewers(input.eligible)
  const { now, deadlineAt } = input
  const isPastDeadline = deadlineAt !== undefined && now.getTime() > deadlineAt.getTime()
  const lastMs = isPastDeadline ? deadlineAt.getTime() : now.getTime()
  const isLate = (vote: CastVote): boolean => vote.castAt.getTime() > lastMs
  const counted = matchBallots(
    input.votes.filter((one) => !isLate(one)),
    eligible,
  )
  const late = matchBallots(input.votes.filter(isLate), eligible).map(({ vote }) => vote.agentId)
  const eligibleMilli = eligible.reduce((sum, one) => sum + one.weightMilli, 0)

  const sums = sumUp(counted, eligibleMilli)
  const found = decideReview(sums, vetoersOf(counted, policy), policy)
  const decision = isPastDeadline ? withDeadlineNamed(found) : found
  const pivotal = counted
    .filter((ballot) => kindWithout(ballot, counted, eligibleMilli, policy) !== decision.kind)
    .map(({ vote }) => vote.agentId)
  const answered = counted.length
  const abstained = counted.filter(({ vote }) => vote.decision === 'abstain').length
  return {
    ...decision,
    ...sums,
    pivotal,
    late,
    explanation: explainTally({
      ...{ decision, sums, policy, answered, abstained, invited: eligible.length, pivotal, late },
    }),
    decidedAt: now,
  }
}

function withDeadlineNamed(decision: ReviewDecision): ReviewDecision {
  const isSilence = decision.kind === 'no-consensus' && decision.reason === 'quorum-missing'
  return isSilence ? { kind: 'no-consensus', reason: 'deadline' } : decision
}

function kindWithout(
  ballot: Ballot,
  ballots: readonly Ballot[],
  eligibleMilli: number,
  policy: ReviewPolicy,
): ReviewOutcomeKind {
  const others = ballots.map((one) =>
    one === ballot ? { ...one, vote: { ...one.vote, decision: 'abstain' as const } } : one,
  )
  return decideReview(sumUp(others, eligibleMilli), vetoersOf(others, policy), policy).kind
}
