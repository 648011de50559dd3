import { explainTally } from './explain-tally.ts'
import { ReviewError } from './review-error.ts'
import type { ReviewDecision, ReviewOutcome, ReviewOutcomeKind, ReviewSums } from './review-outcome.ts'
import {
  type Reviewer,
  type ReviewPolicy,
  requireReviewers,
  requireReviewPolicy,
  type Share,
} from './review-policy.ts'
import type { CastVote } from './review-vote.ts'

/** What a tally is made of. */
export interface TallyInput {
  /** One vote of each agent at most, in any order. */
  readonly votes: readonly CastVote[]
  readonly policy: ReviewPolicy
  /** All who may vote, whether they did or not. */
  readonly eligible: readonly Reviewer[]
  /** The closing instant. Votes cast after it are named as late and not counted. */
  readonly now: Date
}

interface Ballot {
  readonly reviewer: Reviewer
  readonly vote: CastVote
}

/**
 * Decides a round of review. A critical rejection by a role with a veto settles it. Else the weight of all who answered
 * must reach the quorum; then the approving share of the decisive weight (approvals and rejections) must reach the
 * threshold and exceed the rejections to approve, and rejections must exceed approvals to reject. All else is no
 * consensus.
 * @throws InvalidOptionError `INVALID_OPTION` on a policy or reviewer out of range; ReviewError `REVIEW_NOT_ELIGIBLE`
 * on a vote of someone else, `REVIEW_DUPLICATE_VOTE` on two votes of one agent.
 */
export function tallyVotes(input: TallyInput): ReviewOutcome {
  const policy = requireReviewPolicy(input.policy)
  const eligible = requireReviewers(input.eligible)
  const ballots = matchBallots(input.votes, eligible)
  const counted = ballots.filter(({ vote }) => vote.castAt.getTime() <= input.now.getTime())
  const late = ballots.filter((ballot) => !counted.includes(ballot)).map(({ vote }) => vote.agentId)
  const eligibleMilli = eligible.reduce((sum, one) => sum + one.weightMilli, 0)

  const sums = sumUp(counted, eligibleMilli)
  const decision = decide(counted, sums, policy)
  const pivotal = counted
    .filter((ballot) => kindWithout(ballot, counted, eligibleMilli, policy) !== decision.kind)
    .map(({ vote }) => vote.agentId)
  const answered = counted.length
  return {
    ...decision,
    ...sums,
    pivotal,
    late,
    explanation: explainTally({ decision, sums, policy, answered, invited: eligible.length, pivotal, late }),
    decidedAt: input.now,
  }
}

/** The votes with their reviewers, sorted by agent, so that their order cannot matter. */
function matchBallots(votes: readonly CastVote[], eligible: readonly Reviewer[]): readonly Ballot[] {
  const byId = new Map(eligible.map((one) => [one.agentId, one]))
  const seen = new Set<string>()
  const ballots = votes.map((vote) => {
    const { agentId } = vote
    const reviewer = byId.get(agentId)
    if (reviewer === undefined) {
      throw new ReviewError({
        code: 'REVIEW_NOT_ELIGIBLE',
        message: `agent ${agentId} is no reviewer of this round`,
        details: { agentId },
      })
    }
    if (seen.has(agentId)) {
      throw new ReviewError({
        code: 'REVIEW_DUPLICATE_VOTE',
        message: `agent ${agentId} has two votes in this tally`,
        details: { agentId },
      })
    }
    seen.add(agentId)
    return { reviewer, vote }
  })
  return ballots.sort((a, b) => (a.vote.agentId < b.vote.agentId ? -1 : 1))
}

function sumUp(ballots: readonly Ballot[], eligibleMilli: number): ReviewSums {
  const weightOf = (decision: CastVote['decision']): number =>
    ballots
      .filter(({ vote }) => vote.decision === decision)
      .reduce((sum, { reviewer }) => sum + reviewer.weightMilli, 0)
  return {
    approveMilli: weightOf('approve'),
    rejectMilli: weightOf('reject'),
    abstainMilli: weightOf('abstain'),
    eligibleMilli,
  }
}

function decide(ballots: readonly Ballot[], sums: ReviewSums, policy: ReviewPolicy): ReviewDecision {
  const { approveMilli, rejectMilli, abstainMilli, eligibleMilli } = sums
  const vetoes = ballots.filter(
    ({ reviewer, vote }) =>
      vote.decision === 'reject' && vote.severity === 'critical' && policy.vetoRoles.includes(reviewer.role),
  )
  if (vetoes.length > 0) return { kind: 'vetoed', vetoedBy: vetoes.map(({ vote }) => vote.agentId) }
  const decisive = approveMilli + rejectMilli
  if (!reaches(decisive + abstainMilli, eligibleMilli, policy.quorum)) {
    return { kind: 'no-consensus', reason: 'quorum-missing' }
  }
  if (decisive === 0) return { kind: 'no-consensus', reason: 'no-decision' }
  if (rejectMilli > approveMilli) return { kind: 'rejected' }
  if (rejectMilli === approveMilli) return { kind: 'no-consensus', reason: 'tie' }
  if (reaches(approveMilli, decisive, policy.threshold)) return { kind: 'approved' }
  return { kind: 'no-consensus', reason: 'below-threshold' }
}

/** Compared as integers: at most 100 weights of 10^6 times 1000, exact in a double. */
function reaches(part: number, whole: number, share: Share): boolean {
  return part * share.denominator >= share.numerator * whole
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
  return decide(others, sumUp(others, eligibleMilli), policy).kind
}
