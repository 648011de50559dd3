import { decideLearning } from './decide-learning.ts'
import type { RoleSituation } from './learning-rows.ts'
import type { ProposalRefusal } from './prompt-update.ts'

/** What is done with a proposal whose text the gates let pass. */
export type ProposalVerdict =
  | { readonly kind: 'apply' }
  | { readonly kind: 'wait'; readonly expiresAt: Date }
  | {
      readonly kind: 'refuse'
      readonly reason: Exclude<ProposalRefusal, 'gate_failed'>
      readonly explanation: string
      readonly nextAllowedAt: Date | null
    }

/** What a proposal brings to its decision. */
export interface ProposalFacts {
  readonly contentSha256: string
  /** The version that the text was made from; null: there was none. Default: whatever is in force. */
  readonly expectedBaseVersion?: number | null | undefined
  /** How many proposals of a role may wait. */
  readonly maxPendingPerRole: number
}

const HOUR_MS = 3_600_000

/** Decides on a proposal: applied at once, waiting for people until it expires, or refused. */
export function decideProposal(situation: RoleSituation, facts: ProposalFacts): ProposalVerdict {
  const { rules, now, inForce, pendingCount } = situation
  const { maxUpdatesPerDay, cooldownHours } = rules
  if (inForce?.contentSha256 === facts.contentSha256) {
    return refuse('unchanged', `version ${inForce.version}, which is in force, has this very text`)
  }
  const { expectedBaseVersion: base } = facts
  if (base !== undefined && base !== (inForce?.version ?? null)) {
    const made = base === null ? 'for a role without a prompt' : `from version ${base}`
    return refuse(
      'base_changed',
      `made ${made}, and ${inForce === null ? 'none' : `version ${inForce.version}`} is in force`,
    )
  }
  const { status, updatesToday, nextAllowedAt, lastUpdateAt } = decideLearning(situation)
  if (status === 'daily_limit_reached') {
    const numbers = `${updatesToday} of ${maxUpdatesPerDay} updates of a day are used up`
    return refuse(status, numbers, nextAllowedAt)
  }
  if (status === 'cooldown_active') {
    const since = lastUpdateAt?.toISOString() ?? 'just now'
    return refuse(status, `the last change, ${since}, is not ${cooldownHours} h old yet`, nextAllowedAt)
  }
  if (status === 'can_auto_update') return { kind: 'apply' }
  if (pendingCount >= facts.maxPendingPerRole) {
    return refuse('too_many_pending', `${pendingCount} proposals wait already`)
  }
  return { kind: 'wait', expiresAt: new Date(now.getTime() + rules.proposalTtlHours * HOUR_MS) }
}

function refuse(
  reason: Exclude<ProposalRefusal, 'gate_failed'>,
  explanation: string,
  nextAllowedAt: Date | null = null,
): ProposalVerdict {
  return { kind: 'refuse', reason, explanation, nextAllowedAt }
}
