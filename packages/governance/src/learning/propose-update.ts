import { isDeepStrictEqual } from 'node:util'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { applyPromptUpdate } from './apply-prompt-update.ts'
import { findChange, insertChange, isExpired } from './change-rows.ts'
import { checkGates, explainFindings } from './check-gates.ts'
import { type CheckedProposal, isSameActor } from './check-proposal.ts'
import { decideProposal } from './decide-proposal.ts'
import { LearningError } from './learning-error.ts'
import { recordAct, recordFact } from './learning-records.ts'
import { findSituation, lockRole, type RoleSituation, unknownRole } from './learning-rows.ts'
import type { GateFinding } from './ports/prompt-gate.ts'
import type { PromptChange } from './prompt-change.ts'
import type { ResolvedPromptGovernorOptions } from './prompt-governor-options.ts'
import { ensureVersion } from './prompt-rows.ts'
import type { ProposalDecision } from './prompt-update.ts'
import { firstPromptNeedsPerson } from './seed-prompt.ts'

/**
 * Decides on a proposal and does what was decided, with `tx`. An error is given back, not thrown: its audit entry
 * stands.
 */
export async function proposeUpdate(
  tx: SqlTransaction,
  options: ResolvedPromptGovernorOptions,
  proposal: CheckedProposal,
  signal?: AbortSignal,
): Promise<ProposalDecision | LearningError> {
  const { tenantId, agentRole } = proposal
  await lockRole(tx, tenantId, agentRole, options.lockTimeoutMs, signal)
  const situation = await findSituation(tx, tenantId, agentRole)
  if (situation === undefined) return deny(tx, options, proposal, unknownRole(tenantId, agentRole))
  const known = await findChange(tx, proposal)
  if (known !== undefined) {
    if (isSameProposal(known, proposal)) return decisionOf(tx, known, situation.now)
    return deny(tx, options, proposal, conflict(proposal))
  }
  return decideAnew(tx, options, proposal, situation)
}

async function decideAnew(
  tx: SqlTransaction,
  options: ResolvedPromptGovernorOptions,
  proposal: CheckedProposal,
  situation: RoleSituation,
): Promise<ProposalDecision | LearningError> {
  const { now, inForce } = situation
  const { maxPendingPerRole } = options
  const verdict = decideProposal(situation, { ...proposal, maxPendingPerRole })
  if (verdict.kind === 'refuse') return refuse(tx, options, proposal, verdict)
  // Most gates compare with what is in force: nothing would stand between an agent and a whole prompt of its own.
  if (verdict.kind === 'apply' && inForce === null && proposal.actor.kind === 'agent') {
    return deny(tx, options, proposal, firstPromptNeedsPerson(proposal))
  }
  const baseVersion = inForce?.version ?? null
  // What waits is tried meanwhile; the gates that need that look at it before it comes into force.
  const gates =
    verdict.kind === 'wait' ? options.gates.filter(({ needsTrial }) => needsTrial !== true) : options.gates
  const findings = await checkGates(tx, gates, { ...proposal, baseVersion })
  if (findings.length > 0) {
    const explanation = explainFindings(findings)
    const refusal = { reason: 'gate_failed', explanation, nextAllowedAt: null } as const
    return refuse(tx, options, proposal, refusal, { findings })
  }
  const change = await insertChange(tx, {
    ...proposal,
    proposedBy: proposal.actor,
    kind: 'update',
    baseVersion,
    targetVersion: await ensureVersion(tx, { ...proposal, createdBy: proposal.actor.id }),
    proposedAt: now,
    expiresAt: verdict.kind === 'wait' ? verdict.expiresAt : null,
  })
  // Whoever took the key decides on another role, or this transaction would have waited for them.
  if (change === undefined) return deny(tx, options, proposal, conflict(proposal))
  if (verdict.kind === 'wait') {
    await recordWaiting(tx, options, proposal, change)
    return { status: 'pending', version: change.targetVersion, expiresAt: verdict.expiresAt }
  }
  const { version, appliedAt } = await applyPromptUpdate(tx, options, change, {
    now,
    actor: proposal.actor,
    settledBy: null,
  })
  return { status: 'applied', version, appliedAt }
}

/** What a proposal is by now. */
async function decisionOf(tx: SqlTransaction, change: PromptChange, now: Date): Promise<ProposalDecision> {
  const { targetVersion: version, expiresAt } = change
  if (change.status === 'applied') return { status: 'applied', version, appliedAt: change.appliedAt }
  if (change.status !== 'pending') return { status: change.status, version }
  if (expiresAt === null) throw new Error(`the update ${change.updateId} waits without an end`)
  const isOver = now >= expiresAt && (await isExpired(tx, change))
  return isOver ? { status: 'expired', version } : { status: 'pending', version, expiresAt }
}

function isSameProposal(known: PromptChange, proposal: CheckedProposal): boolean {
  return (
    known.kind === 'update' &&
    known.agentRole === proposal.agentRole &&
    known.contentSha256 === proposal.contentSha256 &&
    known.reason === proposal.reason &&
    (proposal.expectedBaseVersion === undefined || known.baseVersion === proposal.expectedBaseVersion) &&
    isSameActor(known.proposedBy, proposal.actor) &&
    isDeepStrictEqual(known.details, proposal.details)
  )
}

function conflict({ tenantId, updateId }: CheckedProposal): LearningError {
  return new LearningError({
    code: 'LEARNING_UPDATE_CONFLICT',
    message: `the update ${updateId} was proposed with other facts`,
    details: { tenantId, updateId },
  })
}

async function recordWaiting(
  tx: SqlTransaction,
  records: ResolvedPromptGovernorOptions,
  proposal: CheckedProposal,
  change: PromptChange,
): Promise<void> {
  const { tenantId, agentRole, updateId, actor, reason } = proposal
  const { baseVersion, targetVersion: version, contentSha256, expiresAt, proposedAt } = change
  const facts = { updateId, version, baseVersion, contentSha256, reason }
  const details = { ...facts, expiresAt: expiresAt?.toISOString() ?? null }
  await recordAct(tx, records, {
    tenantId,
    agentRole,
    actor,
    action: 'prompt.propose',
    outcome: 'allowed',
    details,
  })
  const data = { ...details, proposedBy: actor.id }
  await recordFact(tx, records, { tenantId, agentRole, type: 'prompt.proposed', at: proposedAt, data })
}

async function refuse(
  tx: SqlTransaction,
  options: ResolvedPromptGovernorOptions,
  proposal: CheckedProposal,
  { reason, explanation, nextAllowedAt }: Omit<Extract<ProposalDecision, { status: 'refused' }>, 'status'>,
  more: { readonly findings?: readonly GateFinding[] } = {},
): Promise<ProposalDecision> {
  await recordDenial(tx, options, proposal, { refused: reason, explanation, ...more })
  return { status: 'refused', reason, explanation, nextAllowedAt, ...more }
}

async function deny(
  tx: SqlTransaction,
  options: ResolvedPromptGovernorOptions,
  proposal: CheckedProposal,
  error: LearningError,
): Promise<LearningError> {
  await recordDenial(tx, options, proposal, { code: error.code })
  return error
}

function recordDenial(
  tx: SqlTransaction,
  records: ResolvedPromptGovernorOptions,
  { tenantId, agentRole, actor, updateId, contentSha256 }: CheckedProposal,
  why: Readonly<Record<string, unknown>>,
): Promise<void> {
  const details = { updateId, contentSha256, ...why }
  return recordAct(tx, records, {
    tenantId,
    agentRole,
    actor,
    action: 'prompt.propose',
    outcome: 'denied',
    details,
  })
}
