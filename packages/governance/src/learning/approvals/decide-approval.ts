import type { Actor } from '@golden-arch/core/audit'
import type { LearningErrorCode } from '../learning-error.ts'
import type { LearningRules } from '../learning-rules.ts'
import { isPlainPerson } from '../plain-person.ts'

/** What a decision needs of a proposal. */
export interface ApprovableUpdate {
  readonly status: 'pending' | 'applied' | 'rejected' | 'expired' | 'stale'
  readonly baseVersion: number | null
  readonly contentSha256: string
  readonly proposedBy: string
  readonly expiresAt: Date | null
  /** Who settled it; null while pending and where it was applied automatically. */
  readonly decidedBy: string | null
}

/** That a person approved a content. */
export interface Approval {
  readonly approver: string
  readonly contentSha256: string
}

/** A person's word on a proposal, and all that decides what it counts. */
export interface ApprovalSituation {
  /** Undefined where the tenant has no such proposal. */
  readonly update: ApprovableUpdate | undefined
  readonly approvals: readonly Approval[]
  readonly rules: Pick<LearningRules, 'requiredApprovals' | 'requiresNotes'>
  /** The version in force; null where the role has no prompt. */
  readonly currentVersion: number | null
  readonly actor: Actor
  /** Hash of the content that the person looked at. */
  readonly contentSha256: string
  readonly notes: string | null
  readonly now: Date
}

/** Why a person's word is refused. */
export type DecisionRefusalCode = Extract<
  LearningErrorCode,
  | 'LEARNING_UPDATE_NOT_FOUND'
  | 'LEARNING_NEEDS_PERSON'
  | 'LEARNING_SELF_APPROVAL'
  | 'LEARNING_CONTENT_CHANGED'
  | 'LEARNING_ALREADY_DECIDED'
  | 'LEARNING_EXPIRED'
  | 'LEARNING_BASE_CHANGED'
  | 'LEARNING_NOTES_REQUIRED'
>

/** A refusal, and what the proposal turned out to be where it still passed for pending. */
export interface DecisionRefusal {
  readonly kind: 'refused'
  readonly code: DecisionRefusalCode
  /** Who settled the proposal before; null where nobody did. */
  readonly by: string | null
  /** The state that the proposal is in by now, where that is not written yet. */
  readonly falls: 'expired' | 'stale' | null
}

/** What becomes of an approval: it is to be added, stands already, or is refused. */
export type ApprovalDecision =
  | { readonly kind: 'counted'; readonly approvals: number; readonly required: number }
  | { readonly kind: 'repeated'; readonly approvals: number; readonly required: number }
  | DecisionRefusal

/** What becomes of a rejection: it settles the proposal, has settled it already, or is refused. */
export type RejectionDecision =
  | { readonly kind: 'rejected' }
  | { readonly kind: 'repeated' }
  | DecisionRefusal

/** How many people have approved what is proposed: each once, for this very content, the proposer never. */
export function countApprovals(update: ApprovableUpdate, approvals: readonly Approval[]): number {
  return new Set(approvals.filter((one) => isValidApproval(update, one)).map((one) => one.approver)).size
}

/** Whether a proposal has waited too long for its approvals; one that has them all waits on. */
export function isExpired(
  update: ApprovableUpdate,
  approvals: number,
  requiredApprovals: number,
  now: Date,
): boolean {
  return update.expiresAt !== null && update.expiresAt <= now && approvals < requiredApprovals
}

/**
 * Decides what an approval counts. Ids are compared exactly. The first rule that refuses is the answer: there is such a
 * proposal; a person asks; not the proposer; for this content; it is not settled; not expired; its base is in force;
 * there are notes where the role wants them.
 */
export function decideApproval(situation: ApprovalSituation): ApprovalDecision {
  const { update, approvals, actor, rules } = situation
  const required = rules.requiredApprovals
  const early = refuseStranger(situation)
  if (early !== undefined || update === undefined) return early ?? refused('LEARNING_UPDATE_NOT_FOUND')
  const isRepeated = approvals.some((one) => one.approver === actor.id && isValidApproval(update, one))
  const before = countApprovals(update, approvals)
  if (isRepeated && update.status === 'applied') return { kind: 'repeated', approvals: before, required }
  const late = refuseSettled(situation, update)
  if (late !== undefined) return late
  if (isRepeated) return { kind: 'repeated', approvals: before, required }
  if (rules.requiresNotes && situation.notes === null) return refused('LEARNING_NOTES_REQUIRED')
  return { kind: 'counted', approvals: before + 1, required }
}

/** Decides what a rejection does, by the rules of {@link decideApproval}: one alone settles the proposal. */
export function decideRejection(situation: ApprovalSituation): RejectionDecision {
  const { update, actor, rules } = situation
  const early = refuseStranger(situation)
  if (early !== undefined || update === undefined) return early ?? refused('LEARNING_UPDATE_NOT_FOUND')
  if (update.status === 'rejected' && update.decidedBy === actor.id) return { kind: 'repeated' }
  const late = refuseSettled(situation, update)
  if (late !== undefined) return late
  if (rules.requiresNotes && situation.notes === null) return refused('LEARNING_NOTES_REQUIRED')
  return { kind: 'rejected' }
}

function refuseStranger(situation: ApprovalSituation): DecisionRefusal | undefined {
  const { update, actor, contentSha256 } = situation
  if (update === undefined) return refused('LEARNING_UPDATE_NOT_FOUND')
  if (!isPlainPerson(actor)) return refused('LEARNING_NEEDS_PERSON')
  if (actor.id === update.proposedBy) return refused('LEARNING_SELF_APPROVAL')
  return contentSha256 === update.contentSha256 ? undefined : refused('LEARNING_CONTENT_CHANGED')
}

function refuseSettled(situation: ApprovalSituation, update: ApprovableUpdate): DecisionRefusal | undefined {
  const { approvals, rules, currentVersion, now } = situation
  if (update.status === 'expired') return refused('LEARNING_EXPIRED')
  if (update.status === 'stale') return refused('LEARNING_BASE_CHANGED')
  if (update.status !== 'pending') return { ...refused('LEARNING_ALREADY_DECIDED'), by: update.decidedBy }
  if (isExpired(update, countApprovals(update, approvals), rules.requiredApprovals, now))
    return { ...refused('LEARNING_EXPIRED'), falls: 'expired' }
  if (update.baseVersion !== currentVersion) return { ...refused('LEARNING_BASE_CHANGED'), falls: 'stale' }
  return undefined
}

/** Whether an approval counts for what is proposed: for this very content, and not by the proposer. */
export function isValidApproval(update: ApprovableUpdate, approval: Approval): boolean {
  return approval.contentSha256 === update.contentSha256 && approval.approver !== update.proposedBy
}

function refused(code: DecisionRefusalCode): DecisionRefusal {
  return { kind: 'refused', code, by: null, falls: null }
}
