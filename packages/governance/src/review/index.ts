export type { CloseDueFailure, CloseDueOptions, CloseDueReport } from './close-due-rounds.ts'
export type { ConsensusExplanation, RoundPower } from './consensus-explanation.ts'
export { type ConsensusInput, explainConsensus } from './explain-consensus.ts'
export { type EarlyCloseInput, mayCloseEarly } from './may-close-early.ts'
export { PeerReviewStore, type PeerReviewStoreOptions } from './peer-review-store.ts'
export type { ReviewEscalation, ReviewEscalations } from './ports/review-escalations.ts'
export type { ExactFraction } from './power/exact-fraction.ts'
export { PowerError, type PowerErrorCode } from './power/power-error.ts'
export { powerIndices, type VotingPower } from './power/power-indices.ts'
export { roundGame } from './power/round-game.ts'
export type { WeightedGame } from './power/weighted-game.ts'
export type { OverrideCommand, VoteCommand, VoteReceipt } from './review-commands.ts'
export { ReviewError, type ReviewErrorCode } from './review-error.ts'
export {
  FINDING_SEVERITIES,
  REVIEW_SEVERITIES,
  type ReviewFinding,
  type ReviewSeverity,
  worstSeverity,
} from './review-finding.ts'
export type { ReviewListOptions, ReviewSummary } from './review-list.ts'
export type {
  NoConsensusReason,
  ReviewDecision,
  ReviewOutcome,
  ReviewOutcomeFacts,
  ReviewOutcomeKind,
  ReviewSums,
} from './review-outcome.ts'
export { DEFAULT_REVIEW_POLICY, type Reviewer, type ReviewPolicy, type Share } from './review-policy.ts'
export {
  type ClosedRound,
  isApproved,
  type NewReview,
  type OpenRound,
  type ReviewFacts,
  type ReviewKey,
  type ReviewOverride,
  type ReviewRound,
} from './review-round.ts'
export { type ReviewSweep, ReviewSweeper, type ReviewSweeperOptions } from './review-sweeper.ts'
export { type CastVote, REVIEW_DECISIONS, type ReviewVote } from './review-vote.ts'
export type { SmallestFlip, VoteChange } from './smallest-flip.ts'
export { type TallyInput, tallyVotes } from './tally-votes.ts'
export type { VoteCounterfactuals, VoterAccount } from './vote-counterfactuals.ts'
export { type CappedVoters, capFamilies } from './weights/cap-families.ts'
export {
  type Correlation,
  discountCorrelated,
  effectiveVotesMilli,
} from './weights/correlation.ts'
export {
  type CorrelationOptions,
  estimateCorrelations,
  type JudgedRound,
} from './weights/estimate-correlations.ts'
export {
  type EstimatedReliability,
  estimateReliability,
  type ItemEstimate,
  type Observation,
  type ObserverReliability,
  type ReliabilityOptions,
} from './weights/estimate-reliability.ts'
export { type ModelQuorum, quorumByModel } from './weights/quorum-by-model.ts'
export {
  type TrackRecord,
  type TrackRecordOptions,
  weightOfTrackRecord,
} from './weights/track-record.ts'
export {
  type ReviewerCandidate,
  type WeighedPanel,
  type WeighingOptions,
  weighReviewers,
} from './weights/weigh-reviewers.ts'
export type { WeighedAgent, WeighedVoter } from './weights/weighed-voter.ts'
