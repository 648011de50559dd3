import { decideReview, sumUp, vetoersOf } from './decide-review.ts'
import { matchBallots } from './match-ballots.ts'
import type { ReviewDecision } from './review-outcome.ts'
import { requireReviewers, requireReviewPolicy } from './review-policy.ts'
import type { TallyInput } from './tally-votes.ts'

/** What {@link mayCloseEarly} looks at: the votes in time so far. */
export type EarlyCloseInput = Pick<TallyInput, 'votes' | 'policy' | 'eligible'>

/**
 * Whether the votes cast settle the round already: exactly when no completion of the missing votes, a veto and silence
 * to the deadline among them, leads to another kind of outcome or another reason. Votes cast count as they stand, so
 * closing early is what ends the right to change them.
 *
 * Adding an approval never harms an approval and adding a rejection never helps one, so it is enough to look at the two
 * extremes: all who are missing approve, and all of them reject. Either has the quorum, so a missing one settles nothing.
 * @throws InvalidOptionError `INVALID_OPTION` on a policy or reviewer out of range; ReviewError `REVIEW_NOT_ELIGIBLE`
 * on a vote of someone else, `REVIEW_DUPLICATE_VOTE` on two votes of one agent.
 */
export function mayCloseEarly(input: EarlyCloseInput): boolean {
  const policy = requireReviewPolicy(input.policy)
  const eligible = requireReviewers(input.eligible)
  const ballots = matchBallots(input.votes, eligible)
  const vetoers = vetoersOf(ballots, policy)
  if (vetoers.length > 0) return true
  const voted = new Set(ballots.map(({ vote }) => vote.agentId))
  const missing = eligible.filter((one) => !voted.has(one.agentId))
  if (missing.some((one) => policy.vetoRoles.includes(one.role))) return false

  const missingMilli = missing.reduce((sum, one) => sum + one.weightMilli, 0)
  const eligibleMilli = eligible.reduce((sum, one) => sum + one.weightMilli, 0)
  const sums = sumUp(ballots, eligibleMilli)
  const silent = decideReview(sums, vetoers, policy)
  const allApprove = { ...sums, approveMilli: sums.approveMilli + missingMilli }
  const allReject = { ...sums, rejectMilli: sums.rejectMilli + missingMilli }
  return [allApprove, allReject].every((one) => isSame(decideReview(one, vetoers, policy), silent))
}

function isSame(a: ReviewDecision, b: ReviewDecision): boolean {
  if (a.kind !== 'no-consensus' || b.kind !== 'no-consensus') return a.kind === b.kind
  return a.reason === b.reason
}
