import { decideReview } from './decide-review.ts'
import type { Ballot } from './match-ballots.ts'
import type { ReviewOutcomeKind } from './review-outcome.ts'
import { type CountedRound, withAnswer } from './vote-counterfactuals.ts'

/** A vote as it might have been. A rejection here is no veto. */
export interface VoteChange {
  readonly agentId: string
  readonly to: 'approve' | 'reject'
}

/** The fewest votes that would have given another kind of outcome, had they been cast otherwise. */
export type SmallestFlip =
  | { readonly kind: 'changes'; readonly changes: readonly VoteChange[]; readonly leadsTo: ReviewOutcomeKind }
  /** No votes cast otherwise would have: the quorum is missing, or nobody who answered has weight. */
  | { readonly kind: 'impossible' }

/**
 * Finds the fewest of the votes cast that decide the outcome: exactly, for any number of voters. Each bound of a
 * decision compares a sum to which every vote adds its own part, so that taking the votes that add most is the fewest.
 * There are two bounds (threshold and majority) in two directions, and the least of the four is taken; a veto falls only
 * with all vetoes. Of equal votes the first by agent is taken.
 */
export function findSmallestFlip(round: CountedRound): SmallestFlip {
  const actual = decideReview(round.sums, round.vetoers, round.policy).kind
  if (actual === 'vetoed') return withoutVetoes(round)
  const { numerator, denominator } = round.policy.threshold
  const flips = [
    flipTowards(round, 'reject', { opposite: denominator, abstain: numerator }),
    flipTowards(round, 'reject', { opposite: 2, abstain: 1 }),
    flipTowards(round, 'approve', { opposite: denominator, abstain: denominator - numerator }),
    flipTowards(round, 'approve', { opposite: 2, abstain: 1 }),
  ].filter((flip) => flip.kind === 'changes')
  const fewest = Math.min(...flips.map((flip) => flip.changes.length))
  return flips.find((flip) => flip.changes.length === fewest) ?? { kind: 'impossible' }
}

/** How much of a vote's weight moves the bound, where the vote was the opposite and where it was an abstention. */
interface Reach {
  readonly opposite: number
  readonly abstain: number
}

function flipTowards(round: CountedRound, to: VoteChange['to'], reach: Reach): SmallestFlip {
  const { policy, vetoers } = round
  const actual = decideReview(round.sums, vetoers, policy).kind
  const reachOf = ({ reviewer, vote }: Ballot): number =>
    reviewer.weightMilli * (vote.decision === 'abstain' ? reach.abstain : reach.opposite)
  const movable = round.ballots
    .filter(({ reviewer, vote }) => vote.decision !== to && reviewer.weightMilli > 0)
    .sort((a, b) => reachOf(b) - reachOf(a) || (a.vote.agentId < b.vote.agentId ? -1 : 1))
  let sums = round.sums
  const changes: VoteChange[] = []
  for (const { reviewer, vote } of movable) {
    sums = withAnswer(sums, reviewer.weightMilli, vote.decision, to)
    changes.push({ agentId: vote.agentId, to })
    const { kind } = decideReview(sums, vetoers, policy)
    if (kind !== actual) return { kind: 'changes', changes, leadsTo: kind }
  }
  return { kind: 'impossible' }
}

function withoutVetoes({ ballots, sums, vetoers, policy }: CountedRound): SmallestFlip {
  const vetoing = ballots.filter(({ vote }) => vetoers.includes(vote.agentId))
  const changed = vetoing.reduce(
    (moved, { reviewer }) => withAnswer(moved, reviewer.weightMilli, 'reject', 'approve'),
    sums,
  )
  return {
    kind: 'changes',
    changes: vetoing.map(({ vote }) => ({ agentId: vote.agentId, to: 'approve' })),
    leadsTo: decideReview(changed, [], policy).kind,
  }
}
