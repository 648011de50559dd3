import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { type AppliedPrompt, applyPromptUpdate } from '../apply-prompt-update.ts'
import { endRefusedTrial } from '../canary/end-refused-trial.ts'
import { checkGates } from '../check-gates.ts'
import { decideLearning } from '../decide-learning.ts'
import { type LearningRecords, recordAct, recordFact } from '../learning-records.ts'
import type { RoleSituation } from '../learning-rows.ts'
import type { GateFinding, PromptGate } from '../ports/prompt-gate.ts'
import type { PromptChange } from '../prompt-change.ts'
import { findPrompt } from '../prompt-rows.ts'
import { holdUpdate, letUpdateFall, type StoredApproval } from './approval-rows.ts'
import { type ApplicationDecision, decideApplication, type HeldReason } from './decide-application.ts'
import { type ApprovableUpdate, isValidApproval } from './decide-approval.ts'

/** Who acts where no person does. */
export const GOVERNANCE: Actor = Object.freeze({ id: 'governance', kind: 'service' })

/** What settling asks and tells. */
export interface SettlementServices extends LearningRecords {
  readonly gates: readonly PromptGate[]
}

/** What became of a proposal that was looked at under the lock of its role. */
export type UpdateSettlement =
  | { readonly kind: 'applied'; readonly applied: AppliedPrompt }
  | {
      readonly kind: 'held'
      readonly reason: HeldReason
      readonly nextAllowedAt: Date | null
      readonly findings: readonly GateFinding[]
    }
  | Exclude<ApplicationDecision, { readonly kind: 'apply' | 'held' }>

/** A change as the decisions on approvals see it. */
export function approvableOf(change: PromptChange): ApprovableUpdate {
  const settled = change.status === 'applied' || change.status === 'rejected' ? change.settled : null
  const { status, baseVersion, contentSha256, proposedBy, expiresAt } = change
  return {
    status,
    baseVersion,
    contentSha256,
    proposedBy: proposedBy.id,
    expiresAt,
    decidedBy: settled?.by ?? null,
  }
}

/**
 * Applies a proposal that has all its approvals, holds it, or lets it fall, with `tx` and under the lock of its role. The
 * last person who approved has settled it, whoever applies it.
 * @throws what a gate throws; StorageError by code. Then the transaction must roll back.
 */
export async function settleUpdate(
  tx: SqlTransaction,
  services: SettlementServices,
  change: PromptChange,
  role: RoleSituation,
  approvals: readonly StoredApproval[],
): Promise<UpdateSettlement> {
  const update = approvableOf(change)
  const facts = {
    update,
    approvals,
    requiredApprovals: role.rules.requiredApprovals,
    limits: decideLearning(role),
    currentVersion: role.inForce?.version ?? null,
    now: role.now,
  }
  const early = decideApplication(facts)
  const findings = early.kind === 'apply' ? await findingsOf(tx, services.gates, change) : []
  const decision = early.kind === 'apply' ? decideApplication({ ...facts, findings }) : early
  if (decision.kind === 'held') {
    await noteHold(tx, services, change, role.now, { ...decision, findings })
    return { ...decision, findings }
  }
  if (decision.kind === 'falls') await noteFall(tx, services, change, role.now, decision.status)
  if (decision.kind !== 'apply') return decision
  const valid = approvals.filter((one) => isValidApproval(update, one))
  const last = valid.at(-1)
  if (last === undefined) throw new Error(`the approved update ${change.updateId} has no approval`)
  const applied = await applyPromptUpdate(tx, services, change, {
    now: role.now,
    actor: { id: last.approver, kind: 'human' },
    settledBy: { id: last.approver, notes: last.notes },
    details: { approvers: valid.map((one) => one.approver) },
  })
  return { kind: 'applied', applied }
}

/** Marks a proposal as fallen, with its audit entry and event. */
export async function noteFall(
  tx: SqlTransaction,
  records: LearningRecords,
  change: PromptChange,
  at: Date,
  status: 'expired' | 'stale',
): Promise<void> {
  const { tenantId, agentRole, updateId } = change
  await letUpdateFall(tx, { tenantId, updateId }, status)
  const details = { updateId, status }
  const act = {
    tenantId,
    agentRole,
    actor: GOVERNANCE,
    action: 'prompt.letFall',
    outcome: 'allowed',
  } as const
  await recordAct(tx, records, { ...act, details })
  await recordFact(tx, records, { tenantId, agentRole, type: 'prompt.updateFell', at, data: details })
  // The trial of a stale text ended as its base went.
  if (status === 'expired') await endRefusedTrial(tx, records, change, { status, actor: GOVERNANCE, at })
}

/** Tells once for each reason that a proposal is held, however often it is tried. */
async function noteHold(
  tx: SqlTransaction,
  records: LearningRecords,
  { tenantId, agentRole, updateId }: PromptChange,
  at: Date,
  hold: Omit<Extract<UpdateSettlement, { kind: 'held' }>, 'kind'>,
): Promise<void> {
  const { reason, nextAllowedAt, findings } = hold
  if (!(await holdUpdate(tx, { tenantId, updateId }, reason))) return
  const details = { updateId, reason, nextAllowedAt: nextAllowedAt?.toISOString() ?? null, findings }
  const act = { tenantId, agentRole, actor: GOVERNANCE, action: 'prompt.update', outcome: 'denied' } as const
  await recordAct(tx, records, { ...act, details })
  await recordFact(tx, records, { tenantId, agentRole, type: 'prompt.updateHeld', at, data: details })
}

async function findingsOf(
  tx: SqlTransaction,
  gates: readonly PromptGate[],
  { tenantId, agentRole, baseVersion, targetVersion, contentSha256, updateId }: PromptChange,
): Promise<readonly GateFinding[]> {
  const target = await findPrompt(tx, tenantId, agentRole, targetVersion)
  if (target === undefined) throw new Error(`the update ${updateId} has no text`)
  // The content that people approved is the content that is applied, or nothing is.
  if (target.contentSha256 !== contentSha256)
    return [{ gate: 'approval', rule: 'content-differs', message: 'the version holds another content' }]
  return checkGates(tx, gates, { tenantId, agentRole, content: target.content, contentSha256, baseVersion })
}
