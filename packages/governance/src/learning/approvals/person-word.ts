import { type Actor, requireActor } from '@golden-arch/core/audit'
import { requireTenantId, requireText } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { findChange } from '../change-rows.ts'
import { LearningError } from '../learning-error.ts'
import { recordAct } from '../learning-records.ts'
import { lockRole, type RoleSituation, selectSituation } from '../learning-rows.ts'
import { hasWords } from '../plain-person.ts'
import type { PromptChange } from '../prompt-change.ts'
import { requireWords } from '../prompt-content.ts'
import type { PromptUpdateKey } from '../prompt-update.ts'
import { type StoredApproval, selectApprovals } from './approval-rows.ts'
import type { ApprovalSituation, DecisionRefusal } from './decide-approval.ts'
import type { ResolvedPromptApprovalsOptions } from './prompt-approvals-options.ts'
import { approvableOf, noteFall, type SettlementServices } from './settle-update.ts'

/** A person's word on a proposal. */
export interface DecisionCommand extends PromptUpdateKey {
  /** Who decides. Only people may, under an id without blanks at its ends or characters that do not show. */
  readonly actor: Actor
  /** Hash of the content that the person looked at. */
  readonly contentSha256: string
  /** Why, at most 4000 characters; blank is none. Default none, which a role may refuse. */
  readonly notes?: string
}

/** A checked {@link DecisionCommand}. */
export interface PersonWord extends Omit<DecisionCommand, 'notes'> {
  readonly notes: string | null
}

/** A proposal as a person's word found it; without a role where there is none. */
export interface FoundUpdate {
  readonly change: PromptChange | undefined
  readonly role: RoleSituation | undefined
  readonly approvals: readonly StoredApproval[]
  readonly situation: ApprovalSituation
}

/** Checks the form of a word. @throws InvalidOptionError `INVALID_OPTION`. */
export function requireWord(command: DecisionCommand): PersonWord {
  const { notes = '' } = command
  const words = notes === '' ? '' : requireWords('notes', notes)
  return {
    tenantId: requireTenantId(command.tenantId),
    updateId: requireText('updateId', command.updateId),
    actor: requireActor(command.actor),
    contentSha256: requireText('contentSha256', command.contentSha256),
    notes: hasWords(words) ? words : null,
  }
}

/** Finds what a word is about, under the lock of its role. @throws StorageError by code. */
export async function findUpdate(
  tx: SqlTransaction,
  word: PersonWord,
  { lockTimeoutMs, signal }: Pick<ResolvedPromptApprovalsOptions, 'lockTimeoutMs' | 'signal'>,
): Promise<FoundUpdate> {
  const { actor, contentSha256, notes, tenantId } = word
  const found = await findChange(tx, word)
  const asked = { actor, contentSha256, notes }
  if (found === undefined) {
    const rules = { requiredApprovals: 1, requiresNotes: false }
    const nothing = { update: undefined, approvals: [], rules, currentVersion: null, now: new Date(0) }
    return { change: undefined, role: undefined, approvals: [], situation: { ...asked, ...nothing } }
  }
  await lockRole(tx, tenantId, found.agentRole, lockTimeoutMs, signal)
  // Read after the lock: whoever held it before may have settled the proposal. A proposal is never removed.
  const change = (await findChange(tx, word)) ?? found
  const approvals = await selectApprovals(tx, word)
  const role = await selectSituation(tx, tenantId, change.agentRole)
  const { rules, now, inForce } = role
  const known = {
    update: approvableOf(change),
    approvals,
    rules,
    currentVersion: inForce?.version ?? null,
    now,
  }
  return { change, role, approvals, situation: { ...asked, ...known } }
}

/** Records that a word was refused, and what the proposal turned out to be; gives the error to throw after the commit. */
export async function refuseWord(
  tx: SqlTransaction,
  services: SettlementServices,
  action: 'prompt.approve' | 'prompt.reject',
  word: PersonWord,
  { change, role }: FoundUpdate,
  { code, by, falls }: DecisionRefusal,
): Promise<LearningError> {
  const { tenantId, updateId, actor, contentSha256 } = word
  if (falls !== null && change !== undefined && role !== undefined)
    await noteFall(tx, services, change, role.now, falls)
  const agentRole = change?.agentRole ?? 'unknown'
  const details = { updateId, code, contentSha256, by }
  await recordAct(tx, services, { tenantId, agentRole, actor, action, outcome: 'denied', details })
  return new LearningError({
    code,
    message: explainRefusal(code, by),
    details: { tenantId, updateId, actor: actor.id, ...(by === null ? {} : { by }) },
  })
}

function explainRefusal(code: DecisionRefusal['code'], by: string | null): string {
  switch (code) {
    case 'LEARNING_UPDATE_NOT_FOUND':
      return 'there is no such update'
    case 'LEARNING_NEEDS_PERSON':
      return 'a person must decide, under an id that reads as what it is'
    case 'LEARNING_SELF_APPROVAL':
      return 'who proposed it may not decide on it'
    case 'LEARNING_CONTENT_CHANGED':
      return 'the update has another content'
    case 'LEARNING_ALREADY_DECIDED':
      return by === null ? "it was applied without anybody's approval" : `${by} has decided on it`
    case 'LEARNING_EXPIRED':
      return 'it has waited too long for its approvals'
    case 'LEARNING_BASE_CHANGED':
      return 'the version it is based on is no longer in force'
    case 'LEARNING_NOTES_REQUIRED':
      return 'the role wants to know why: notes are missing'
  }
}
