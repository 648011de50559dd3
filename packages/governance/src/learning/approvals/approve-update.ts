import type { SqlTransaction } from '@golden-arch/core/storage'
import { endRefusedTrial } from '../canary/end-refused-trial.ts'
import type { LearningError } from '../learning-error.ts'
import { recordAct, recordFact } from '../learning-records.ts'
import type { GateFinding } from '../ports/prompt-gate.ts'
import type { PromptChange } from '../prompt-change.ts'
import { rejectUpdate, selectApprovals, upsertApproval } from './approval-rows.ts'
import type { HeldReason } from './decide-application.ts'
import { decideApproval, decideRejection } from './decide-approval.ts'
import { type FoundUpdate, findUpdate, type PersonWord, refuseWord } from './person-word.ts'
import type { ResolvedPromptApprovalsOptions } from './prompt-approvals-options.ts'
import { settleUpdate } from './settle-update.ts'

/** How many people have approved, of how many that are wanted. */
export interface ApprovalCount {
  readonly approvals: number
  readonly required: number
}

/** What an approval came to. */
export type ApprovalOutcome = ApprovalCount &
  (
    | { readonly status: 'applied'; readonly version: number; readonly appliedAt: Date }
    /** Others must approve too, before `expiresAt`. */
    | { readonly status: 'counted'; readonly expiresAt: Date | null }
    /** It has all its approvals, and is applied once nothing is in the way any more. */
    | {
        readonly status: 'held'
        readonly reason: HeldReason
        /** From when on the limits would allow it; null where time alone does not help. */
        readonly nextAllowedAt: Date | null
        readonly findings: readonly GateFinding[]
      }
  )

/** A proposal that was rejected. */
export interface RejectionOutcome {
  readonly status: 'rejected'
  readonly by: string
  readonly at: Date
}

/** Takes an approval with `tx`; a refusal is recorded and given back. @throws what a gate throws; StorageError by code. */
export async function approveUpdate(
  tx: SqlTransaction,
  options: ResolvedPromptApprovalsOptions,
  word: PersonWord,
): Promise<ApprovalOutcome | LearningError> {
  const found = await findUpdate(tx, word, options)
  const decision = decideApproval(found.situation)
  if (decision.kind === 'refused') return refuseWord(tx, options, 'prompt.approve', word, found, decision)
  const { change, role } = requireFound(found)
  const { approvals, required } = decision
  const count = { approvals, required }
  if (change.status === 'applied')
    return { ...count, status: 'applied', version: change.targetVersion, appliedAt: change.appliedAt }
  if (decision.kind === 'counted') await recordApproval(tx, options, word, change, role.now, count)
  const settled = await settleUpdate(tx, options, change, role, await selectApprovals(tx, word))
  switch (settled.kind) {
    case 'applied':
      return { ...count, status: 'applied', version: settled.applied.version, appliedAt: role.now }
    case 'held': {
      const { reason, nextAllowedAt, findings } = settled
      return { ...count, status: 'held', reason, nextAllowedAt, findings }
    }
    case 'waits':
      return { ...count, status: 'counted', expiresAt: change.expiresAt }
    case 'falls': {
      // A gate refuses what had all its approvals, and its time is up.
      const code = settled.status === 'expired' ? 'LEARNING_EXPIRED' : 'LEARNING_BASE_CHANGED'
      const refusal = { kind: 'refused', code, by: null, falls: null } as const
      return refuseWord(tx, options, 'prompt.approve', word, found, refusal)
    }
    case 'settled':
      throw new Error(`the pending update ${word.updateId} was settled under its lock`)
  }
}

/** Takes a rejection with `tx`; a refusal is recorded and given back. @throws StorageError by code. */
export async function rejectProposal(
  tx: SqlTransaction,
  options: ResolvedPromptApprovalsOptions,
  word: PersonWord,
): Promise<RejectionOutcome | LearningError> {
  const found = await findUpdate(tx, word, options)
  const decision = decideRejection(found.situation)
  if (decision.kind === 'refused') return refuseWord(tx, options, 'prompt.reject', word, found, decision)
  const { change, role } = requireFound(found)
  const { id: by } = word.actor
  if (change.status === 'rejected') return { status: 'rejected', by, at: change.settled.at }
  const { tenantId, updateId, actor, notes, contentSha256 } = word
  const { agentRole } = change
  await rejectUpdate(tx, word, { by, at: role.now, notes })
  const act = { tenantId, agentRole, actor, action: 'prompt.reject', outcome: 'allowed' } as const
  await recordAct(tx, options, { ...act, details: { updateId, contentSha256, notes } })
  const fact = { tenantId, agentRole, type: 'prompt.updateRejected', at: role.now }
  await recordFact(tx, options, { ...fact, data: { updateId, contentSha256, by } })
  await endRefusedTrial(tx, options, change, { status: 'rejected', actor, at: role.now })
  return { status: 'rejected', by, at: role.now }
}

async function recordApproval(
  tx: SqlTransaction,
  options: ResolvedPromptApprovalsOptions,
  { tenantId, updateId, actor, notes, contentSha256 }: PersonWord,
  { agentRole }: PromptChange,
  at: Date,
  count: ApprovalCount,
): Promise<void> {
  await upsertApproval(
    tx,
    { tenantId, updateId },
    { approver: actor.id, contentSha256, notes, approvedAt: at },
  )
  const act = { tenantId, agentRole, actor, action: 'prompt.approve', outcome: 'allowed' } as const
  await recordAct(tx, options, { ...act, details: { updateId, contentSha256, ...count, notes } })
  const fact = { tenantId, agentRole, type: 'prompt.updateApproved', at }
  await recordFact(tx, options, { ...fact, data: { updateId, contentSha256, ...count, by: actor.id } })
}

function requireFound({ change, role }: FoundUpdate): {
  readonly change: PromptChange
  readonly role: NonNullable<FoundUpdate['role']>
} {
  if (change === undefined || role === undefined) throw new Error('a word on nothing was not refused')
  return { change, role }
}
