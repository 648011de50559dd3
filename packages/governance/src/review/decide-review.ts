import type { Ballot } from './match-ballots.ts'
import { worstSeverity } from './review-finding.ts'
import type { ReviewDecision, ReviewSums } from './review-outcome.ts'
import type { ReviewPolicy, Share } from './review-policy.ts'
import type { ReviewVote } from './review-vote.ts'

/** The weights behind each answer. */
export function sumUp(ballots: readonly Ballot[], eligibleMilli: number): ReviewSums {
  const milli = { approve: 0, reject: 0, abstain: 0 }
  for (const { reviewer, vote } of ballots) milli[vote.decision] += reviewer.weightMilli
  return {
    approveMilli: milli.approve,
    rejectMilli: milli.reject,
    abstainMilli: milli.abstain,
    eligibleMilli,
  }
}

/** Agents whose vote is a veto: a rejection with a critical finding, by a role that may veto. */
export function vetoersOf(ballots: readonly Ballot[], policy: ReviewPolicy): readonly string[] {
  return ballots
    .filter(({ reviewer, vote }) => isCritical(vote) && policy.vetoRoles.includes(reviewer.role))
    .map(({ vote }) => vote.agentId)
}

/**
 * What sums and vetoes decide. Quorum and threshold are compared as integers: at most 100 weights of 10^6 times 1000,
 * exact in a double.
 */
export function decideReview(
  sums: ReviewSums,
  vetoers: readonly string[],
  policy: ReviewPolicy,
): ReviewDecision {
  const { approveMilli, rejectMilli, abstainMilli, eligibleMilli } = sums
  if (vetoers.length > 0) return { kind: 'vetoed', vetoedBy: vetoers }
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

function isCritical(vote: ReviewVote): boolean {
  return vote.decision === 'reject' && worstSeverity(vote.findings) === 'critical'
}

function reaches(part: number, whole: number, share: Share): boolean {
  return part * share.denominator >= share.numerator * whole
}
