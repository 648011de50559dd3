import type { GateFinding } from '../ports/prompt-gate.ts'
import type { LearningStatus } from '../prompt-update.ts'
import { type ApprovableUpdate, type Approval, countApprovals, isExpired } from './decide-approval.ts'

/** Why an update that has its approvals is not applied yet. */
export type HeldReason = 'daily_limit_reached' | 'cooldown_active' | 'gate_failed'

/** A proposal, and all that decides whether it is applied now. */
export interface ApplicationSituation {
  readonly update: ApprovableUpdate
  readonly approvals: readonly Approval[]
  readonly requiredApprovals: number
  /** Where the limits of the role stand. */
  readonly limits: { readonly status: LearningStatus; readonly nextAllowedAt: Date | null }
  /** The version in force; null where the role has no prompt. */
  readonly currentVersion: number | null
  /** What the gates have against the content. Default: they were not asked yet. */
  readonly findings?: readonly GateFinding[]
  readonly now: Date
}

/** What becomes of a proposal: it is applied, waits for approvals, is held by something else, falls, or is settled. */
export type ApplicationDecision =
  | { readonly kind: 'apply' }
  | { readonly kind: 'waits' }
  | { readonly kind: 'held'; readonly reason: HeldReason; readonly nextAllowedAt: Date | null }
  | { readonly kind: 'falls'; readonly status: 'expired' | 'stale' }
  | { readonly kind: 'settled' }

/**
 * Decides whether a proposal is applied. With all its approvals it waits for the limits as long as they need, past its
 * expiry too; what a gate refuses falls when it expires.
 */
export function decideApplication(situation: ApplicationSituation): ApplicationDecision {
  const { update, requiredApprovals, limits, findings = [], now } = situation
  if (update.status !== 'pending') return { kind: 'settled' }
  if (update.baseVersion !== situation.currentVersion) return { kind: 'falls', status: 'stale' }
  const approvals = countApprovals(update, situation.approvals)
  if (isExpired(update, approvals, requiredApprovals, now)) return { kind: 'falls', status: 'expired' }
  if (approvals < requiredApprovals) return { kind: 'waits' }
  const { status, nextAllowedAt } = limits
  if (status === 'daily_limit_reached' || status === 'cooldown_active')
    return { kind: 'held', reason: status, nextAllowedAt }
  if (findings.length === 0) return { kind: 'apply' }
  if (update.expiresAt !== null && update.expiresAt <= now) return { kind: 'falls', status: 'expired' }
  return { kind: 'held', reason: 'gate_failed', nextAllowedAt: null }
}
