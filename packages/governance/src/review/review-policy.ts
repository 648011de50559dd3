import { InvalidOptionError, requireInteger, requireOneOf, requireText } from '@golden-arch/core/errors'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'

/** A share as a fraction of integers, so that sums are compared exactly. */
export interface Share {
  /** 0 to the denominator. */
  readonly numerator: number
  /** 1 to 1000. */
  readonly denominator: number
}

/** What a round needs to decide. */
export interface ReviewPolicy {
  /** Share of the eligible weight that must answer, abstentions included. */
  readonly quorum: Share
  /** Share of the approving and rejecting weight that must approve: at least 1/2. A tie never approves. */
  readonly threshold: Share
  /** Roles whose critical rejection settles the round, whatever the sums. */
  readonly vetoRoles: readonly AgentRole[]
}

/** Who may vote. */
export interface Reviewer {
  /** Id of an agent, or of a person where `kind` says so. */
  readonly agentId: string
  /** Whose vote it is: an agent's, or a person's own, whom nobody votes for. Default `agent`. */
  readonly kind?: 'agent' | 'human' | undefined
  readonly role: AgentRole
  /** Weight of the vote in thousandths, 0 to 1000000. 1000 is one full vote. */
  readonly weightMilli: number
}

/** Half must answer, two thirds must approve, the role security has a veto. */
export const DEFAULT_REVIEW_POLICY: ReviewPolicy = Object.freeze({
  quorum: Object.freeze({ numerator: 1, denominator: 2 }),
  threshold: Object.freeze({ numerator: 2, denominator: 3 }),
  vetoRoles: Object.freeze(['security'] as const),
})

const REVIEWER_KINDS = ['agent', 'human'] as const
const MAX_REVIEWERS = 100
const MAX_WEIGHT_MILLI = 1_000_000

/** Returns `policy` if it keeps its rules. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireReviewPolicy(policy: ReviewPolicy): ReviewPolicy {
  const threshold = requireShare('policy.threshold', policy.threshold)
  if (threshold.numerator * 2 < threshold.denominator) {
    throw new InvalidOptionError(
      'policy.threshold',
      'at least 1/2',
      `${threshold.numerator}/${threshold.denominator}`,
    )
  }
  return {
    quorum: requireShare('policy.quorum', policy.quorum),
    threshold,
    vetoRoles: requireRoles('policy.vetoRoles', policy.vetoRoles),
  }
}

/** Returns `reviewers`, sorted by id, if they keep their rules: 1 to 100, each once. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireReviewers(reviewers: readonly Reviewer[]): readonly Reviewer[] {
  if (reviewers.length < 1 || reviewers.length > MAX_REVIEWERS) {
    throw new InvalidOptionError('reviewers', `1 to ${MAX_REVIEWERS} reviewers`, reviewers)
  }
  const checked = reviewers.map((one) => ({
    agentId: requireText('reviewers.agentId', one.agentId, 128),
    role: requireOneOf('reviewers.role', one.role, AGENT_ROLES),
    weightMilli: requireInteger('reviewers.weightMilli', one.weightMilli, { max: MAX_WEIGHT_MILLI }),
    // An agent is not marked, so that equal reviewers look equal.
    ...(requireOneOf('reviewers.kind', one.kind ?? 'agent', REVIEWER_KINDS) === 'human'
      ? { kind: 'human' as const }
      : {}),
  }))
  const ids = new Set(checked.map((one) => one.agentId))
  if (ids.size < checked.length) throw new InvalidOptionError('reviewers', 'each reviewer once', reviewers)
  return checked.sort((a, b) => (a.agentId < b.agentId ? -1 : 1))
}

/** Sorted and each once, so that equal policies look equal. */
function requireRoles(option: string, roles: readonly AgentRole[]): readonly AgentRole[] {
  return [...new Set(roles.map((role) => requireOneOf(option, role, AGENT_ROLES)))].sort()
}

function requireShare(option: string, share: Share): Share {
  const denominator = requireInteger(`${option}.denominator`, share.denominator, { min: 1, max: 1000 })
  return {
    numerator: requireInteger(`${option}.numerator`, share.numerator, { max: denominator }),
    denominator,
  }
}
