import { InvalidOptionError } from '@golden-arch/core/errors'
import { type Reviewer, type ReviewPolicy, requireReviewers, requireReviewPolicy } from '../review-policy.ts'
import { requireWeightedGame, type WeightedGame } from './weighted-game.ts'

/**
 * The game that the reviewers of a round play, in the order given. Of `reject` it is the game in which all answer, those who do not approve
 * reject, and a rejection by a role with a veto is critical: approved takes the threshold and all with a veto. Of
 * `silent` it is the game in which those who do not approve say nothing: approved takes the quorum.
 * @param others What those do who do not approve. Default `reject`.
 * @throws InvalidOptionError `INVALID_OPTION` on reviewers or a policy out of range, or where nobody has weight, so that
 * nothing can be approved.
 */
export function roundGame(
  reviewers: readonly Reviewer[],
  policy: ReviewPolicy,
  others: 'reject' | 'silent' = 'reject',
): Required<WeightedGame> {
  const { quorum, threshold, vetoRoles } = requireReviewPolicy(policy)
  requireReviewers(reviewers)
  const weights = reviewers.map((one) => one.weightMilli)
  const total = weights.reduce((sum, one) => sum + one, 0)
  if (total === 0) throw new InvalidOptionError('reviewers', 'at least one with a weight', weights)
  const share = others === 'reject' ? threshold : quorum
  const reached = Math.ceil((share.numerator * total) / share.denominator)
  // Approvals must exceed rejections; somebody must approve.
  const least = others === 'reject' ? Math.floor(total / 2) + 1 : 1
  const vetoers =
    others === 'silent' ? [] : reviewers.flatMap(({ role }, index) => (vetoRoles.includes(role) ? index : []))
  return requireWeightedGame({ weights, quota: Math.max(reached, least), vetoers })
}
