import type { AgentRole } from '@golden-arch/core/tasks'
import type { Reviewer, Share } from '../review-policy.ts'
import { capFamilies } from './cap-families.ts'
import {
  type Correlation,
  discountCorrelated,
  effectiveVotesMilli,
  sameModelCorrelations,
} from './correlation.ts'
import { type TrackRecord, type TrackRecordOptions, weightOfTrackRecord } from './track-record.ts'
import type { WeighedVoter } from './weighed-voter.ts'

/** An agent that may be asked to review. */
export interface ReviewerCandidate {
  readonly agentId: string
  readonly role: AgentRole
  readonly model: string
  readonly modelFamily: string
  /** Default: none, so that the prior alone counts. */
  readonly record?: TrackRecord | undefined
}

/** How candidates become reviewers. */
export interface WeighingOptions extends TrackRecordOptions {
  /** How they err together. Default: voters of one model as one, all others independently. */
  readonly correlations?: readonly Correlation[] | undefined
  /** The most that a family of models may have of all weight. Default: no bound. */
  readonly familyShare?: Share | undefined
}

/** Reviewers with weights, and how much they are worth together. */
export interface WeighedPanel {
  /** In the order given, to open a round with. */
  readonly reviewers: readonly Reviewer[]
  /** How many independent voters of equal weight they amount to, in thousandths. */
  readonly effectiveVotesMilli: number
  /** Families of models that lost weight, sorted. */
  readonly cappedFamilies: readonly string[]
}

/**
 * Weighs reviewers: by track record, then divided among those who err together, then capped for each family of models.
 * @throws InvalidOptionError `INVALID_OPTION` on candidates or options out of range.
 */
export function weighReviewers(
  candidates: readonly ReviewerCandidate[],
  options: WeighingOptions = {},
): WeighedPanel {
  const { correlations, familyShare, ...trackRecord } = options
  const voters = candidates.map(
    ({ agentId, role, model, modelFamily, record }): WeighedVoter & { readonly role: AgentRole } => ({
      agentId,
      role,
      model,
      modelFamily,
      weightMilli: weightOfTrackRecord(record ?? { right: 0, total: 0 }, trackRecord),
    }),
  )
  const together = correlations ?? sameModelCorrelations(voters)
  const discounted = discountCorrelated(voters, together)
  const capped = familyShare === undefined ? undefined : capFamilies(discounted, familyShare)
  const weighed = capped?.voters ?? discounted
  return {
    reviewers: weighed.map(({ agentId, role, weightMilli }) => ({ agentId, role, weightMilli })),
    effectiveVotesMilli: effectiveVotesMilli(weighed, together),
    cappedFamilies: capped?.cappedFamilies ?? [],
  }
}
