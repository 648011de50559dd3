import {
  type CastVote,
  type ConsensusExplanation,
  type ExactFraction,
  isApproved,
  type Reviewer,
  type ReviewOutcome,
  type ReviewRound,
  type ReviewSummary,
} from '@golden-arch/governance/review'
import type { z } from 'zod'
import { isNoVote } from '../../services/peer-hub/no-vote.ts'
import type { explanationSchema, reviewSchema, reviewSummarySchema } from './review-answers.ts'
import { reviewIdOf } from './review-id.ts'

/** A round as the API lists it. */
export function reviewSummaryView(round: ReviewSummary): z.infer<typeof reviewSummarySchema> {
  return {
    id: reviewIdOf(round),
    subject_id: round.subjectId,
    round: round.round,
    project_id: round.projectId,
    status: round.closedAt === null ? 'open' : 'closed',
    content_hash: round.contentHash,
    author_id: round.authorId,
    opened_at: round.openedAt.toISOString(),
    deadline_at: round.deadlineAt.toISOString(),
    closed_at: round.closedAt?.toISOString() ?? null,
    outcome: round.outcome,
    reviewers: round.reviewerCount,
    votes: round.voteCount,
    overridden_by: round.overriddenBy,
  }
}

/** A round with its votes, as the API shows it. */
export function reviewView(round: ReviewRound): z.infer<typeof reviewSchema> {
  const { quorum, threshold, vetoRoles } = round.policy
  const closed = round.status === 'closed' ? round : undefined
  const override = closed?.override ?? null
  return {
    id: reviewIdOf(round),
    subject_id: round.subjectId,
    round: round.round,
    project_id: round.projectId,
    status: round.status,
    content_hash: round.contentHash,
    author_id: round.authorId,
    opened_at: round.openedAt.toISOString(),
    deadline_at: round.deadlineAt.toISOString(),
    closed_at: closed?.closedAt.toISOString() ?? null,
    reviewers: round.reviewers.map(reviewerView),
    policy: { quorum, threshold, veto_roles: [...vetoRoles] },
    closes_early: round.closesEarly,
    votes: round.votes.map(voteView),
    late_votes: round.lateVotes.map(voteView),
    outcome: closed === undefined ? null : outcomeView(closed.outcome),
    override:
      override === null ? null : { by: override.by, reason: override.reason, at: override.at.toISOString() },
    is_approved: isApproved(round),
  }
}

/** Why a round came out as it did, or would now. */
export function explanationView(
  round: ReviewRound,
  explained: ConsensusExplanation,
): z.infer<typeof explanationSchema> {
  const { outcome, smallestFlip: flip, power, effectiveVotesMilli, text } = explained
  return {
    id: reviewIdOf(round),
    is_final: round.status === 'closed',
    outcome: outcome.kind,
    text: `${text}${unreadWords(round.votes)}`,
    effective_votes_milli: effectiveVotesMilli,
    smallest_flip:
      flip.kind === 'impossible'
        ? null
        : {
            leads_to: flip.leadsTo,
            changes: flip.changes.map(({ agentId, to }) => ({ reviewer_id: agentId, to })),
          },
    voters: explained.voters.map((voter, place) => {
      const indices = power.kind === 'exact' ? power.indices[place] : undefined
      return {
        ...reviewerView(voter),
        answer: voter.answer,
        is_veto: voter.isVeto,
        is_pivotal: voter.isPivotal,
        had_they_voted: { ...voter.hadTheyVoted },
        power:
          indices === undefined
            ? null
            : {
                banzhaf: fractionView(indices.banzhaf),
                normalised_banzhaf: fractionView(indices.normalisedBanzhaf),
                shapley_shubik: fractionView(indices.shapleyShubik),
              },
      }
    }),
  }
}

/** That some of those who answered gave no vote: their abstention is nobody's opinion. */
function unreadWords(votes: readonly CastVote[]): string {
  const unread = votes.filter(isNoVote).map(({ agentId }) => agentId)
  if (unread.length === 0) return ''
  return ` Abstaining because no vote of theirs could be read: ${unread.length} (${unread.join(', ')}).`
}

function reviewerView({
  agentId,
  kind = 'agent',
  role,
  weightMilli,
}: Reviewer): z.infer<typeof reviewSchema>['reviewers'][number] {
  return { id: agentId, kind, role, weight_milli: weightMilli }
}

function voteView(vote: CastVote): z.infer<typeof reviewSchema>['votes'][number] {
  const { agentId, decision, findings, rationale, confidence, castAt } = vote
  const cast_at = castAt.toISOString()
  return { reviewer_id: agentId, decision, findings: [...findings], rationale, confidence, cast_at }
}

function outcomeView(outcome: ReviewOutcome): NonNullable<z.infer<typeof reviewSchema>['outcome']> {
  return {
    kind: outcome.kind,
    reason: outcome.kind === 'no-consensus' ? outcome.reason : null,
    vetoed_by: outcome.kind === 'vetoed' ? [...outcome.vetoedBy] : [],
    approve_milli: outcome.approveMilli,
    reject_milli: outcome.rejectMilli,
    abstain_milli: outcome.abstainMilli,
    eligible_milli: outcome.eligibleMilli,
    pivotal: [...outcome.pivotal],
    explanation: outcome.explanation,
    decided_at: outcome.decidedAt.toISOString(),
  }
}

function fractionView({ numerator, denominator, value }: ExactFraction): {
  readonly fraction: string
  readonly value: number
} {
  return { fraction: `${numerator}/${denominator}`, value }
}
