export { AGENT_ROLES, type AgentRole } from '../agent-role.ts'
export { type EarlyCloseInput, mayCloseEarly } from './may-close-early.ts'
export {
  PeerReviewStore,
  type PeerReviewStoreOptions,
  type VoteCommand,
  type VoteReceipt,
} from './peer-review-store.ts'
export { ReviewError, type ReviewErrorCode } from './review-error.ts'
export {
  FINDING_SEVERITIES,
  REVIEW_SEVERITIES,
  type ReviewFinding,
  type ReviewSeverity,
  worstSeverity,
} from './review-finding.ts'
export type {
  NoConsensusReason,
  ReviewDecision,
  ReviewOutcome,
  ReviewOutcomeFacts,
  ReviewOutcomeKind,
  ReviewSums,
} from './review-outcome.ts'
export { DEFAULT_REVIEW_POLICY, type Reviewer, type ReviewPolicy, type Share } from './review-policy.ts'
export type { NewReview, ReviewFacts, ReviewKey, ReviewRound } from './review-round.ts'
export { type CastVote, REVIEW_DECISIONS, type ReviewVote } from './review-vote.ts'
export { type TallyInput, tallyVotes } from './tally-votes.ts'
