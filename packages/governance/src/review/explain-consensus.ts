import { isGoldenError } from '@golden-arch/core/errors'
import type { ConsensusExplanation, RoundPower } from './consensus-explanation.ts'
import { consensusWords } from './consensus-words.ts'
import { sumUp, vetoersOf } from './decide-review.ts'
import { matchBallots } from './match-ballots.ts'
import { powerIndices } from './power/power-indices.ts'
import { roundGame } from './power/round-game.ts'
import { type Reviewer, type ReviewPolicy, requireReviewers, requireReviewPolicy } from './review-policy.ts'
import { findSmallestFlip } from './smallest-flip.ts'
import { type TallyInput, tallyVotes } from './tally-votes.ts'
import { accountVotes } from './vote-counterfactuals.ts'
import { type Correlation, effectiveVotesMilli } from './weights/correlation.ts'

/** What an explanation is made of. */
export interface ConsensusInput extends TallyInput {
  /** How reviewers err together. Pairs that are not given are independent. Default none. */
  readonly correlations?: readonly Correlation[]
}

/**
 * Explains how a round came out: what each vote changed, the fewest votes that would have changed the outcome, what each
 * reviewer could decide beforehand, and how many independent votes there were.
 * @throws InvalidOptionError `INVALID_OPTION` and ReviewError as {@link tallyVotes}; InvalidOptionError `INVALID_OPTION`
 * on correlations out of range.
 */
export function explainConsensus(input: ConsensusInput): ConsensusExplanation {
  const outcome = tallyVotes(input)
  const policy = requireReviewPolicy(input.policy)
  const reviewers = requireReviewers(input.eligible)
  const lastMs = Math.min(input.now.getTime(), (input.deadlineAt ?? input.now).getTime())
  const ballots = matchBallots(
    input.votes.filter((one) => one.castAt.getTime() <= lastMs),
    reviewers,
  )
  const round = {
    ballots,
    sums: sumUp(ballots, outcome.eligibleMilli),
    vetoers: vetoersOf(ballots, policy),
    policy,
  }
  const decisive = ballots.filter(({ vote }) => vote.decision !== 'abstain').map(({ reviewer }) => reviewer)
  const facts = {
    outcome,
    voters: accountVotes(round, reviewers),
    smallestFlip: findSmallestFlip(round),
    power: powerOf(reviewers, policy),
    effectiveVotesMilli: effectiveVotesMilli(decisive, input.correlations ?? []),
  }
  return { ...facts, text: consensusWords(facts) }
}

function powerOf(reviewers: readonly Reviewer[], policy: ReviewPolicy): RoundPower {
  if (reviewers.every((one) => one.weightMilli === 0)) return { kind: 'no-weight' }
  const game = roundGame(reviewers, policy)
  try {
    return { kind: 'exact', game, indices: powerIndices(game) }
  } catch (error) {
    if (isGoldenError(error, 'POWER_GAME_TOO_LARGE')) return { kind: 'too-large' }
    throw error
  }
}
