import type { VotingPower } from './power/power-indices.ts'
import type { WeightedGame } from './power/weighted-game.ts'
import type { ReviewOutcome } from './review-outcome.ts'
import type { SmallestFlip } from './smallest-flip.ts'
import type { VoterAccount } from './vote-counterfactuals.ts'

/** What each reviewer could decide before anybody had voted. */
export type RoundPower =
  | {
      readonly kind: 'exact'
      /** The game of which these are the indices: all answer, and a rejection by a role with a veto is critical. */
      readonly game: Required<WeightedGame>
      /** In the order of the voters. */
      readonly indices: readonly VotingPower[]
    }
  /** The weights are too many and too fine: see `powerIndices`. */
  | { readonly kind: 'too-large' }
  /** Nobody has weight, so nothing can be approved. */
  | { readonly kind: 'no-weight' }

/** Why a round came out as it did. */
export interface ConsensusExplanation {
  /** What `tallyVotes` gives. */
  readonly outcome: ReviewOutcome
  /** All who may vote, sorted by id. */
  readonly voters: readonly VoterAccount[]
  readonly smallestFlip: SmallestFlip
  readonly power: RoundPower
  /** How many independent votes of equal weight the approvals and rejections amount to, in thousandths. */
  readonly effectiveVotesMilli: number
  /** All of it in words, made of these numbers by template: the same votes in any order give the same words. */
  readonly text: string
}
