import { type Actor, requireActor } from '@golden-arch/core/audit'
import { requireInteger, requireTenantId, requireText } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'
import { applyPromptUpdate } from '../apply-prompt-update.ts'
import { findChange, insertChange } from '../change-rows.ts'
import { LearningError, type LearningErrorCode } from '../learning-error.ts'
import { recordAct } from '../learning-records.ts'
import { lockRole, selectSituation } from '../learning-rows.ts'
import { isPlainPerson } from '../plain-person.ts'
import type { PromptChange } from '../prompt-change.ts'
import { contentSha256, requireContent, requireWords } from '../prompt-content.ts'
import { ensureVersion } from '../prompt-rows.ts'
import type { PromptUpdateKey } from '../prompt-update.ts'
import type { ResolvedPromptApprovalsOptions } from './prompt-approvals-options.ts'

/** A text that a person puts in force at once, past limits, approvals and gates. */
export interface BreakGlassCommand extends PromptUpdateKey {
  readonly agentRole: AgentRole
  /** The whole new prompt, 1 to 1000000 characters. */
  readonly content: string
  /** Why, in words, 1 to 4000 characters: it is told to who is paged. */
  readonly reason: string
  /** Who breaks the glass: a person. Whether they may is for the caller to know, by a permission of its own. */
  readonly actor: Actor
  /** Time after which the version before comes back, if nothing followed; 1000 ms to 90 days. Default: it stays. */
  readonly expiresInMs?: number
}

/** A broken glass. */
export interface BreakGlassOutcome {
  readonly version: number
  /** What was in force before; null for a role's first prompt. */
  readonly baseVersion: number | null
  readonly appliedAt: Date
  /** When the version before comes back; null for never. */
  readonly expiresAt: Date | null
}

type CheckedCommand = Required<Omit<BreakGlassCommand, 'expiresInMs'>> & {
  readonly expiresInMs: number | null
}

const MAX_EXPIRY_MS = 90 * 24 * 3_600_000

/** Checks a command. @throws InvalidOptionError `INVALID_OPTION`. */
export function requireBreakGlass(command: BreakGlassCommand): CheckedCommand {
  const { expiresInMs } = command
  return {
    tenantId: requireTenantId(command.tenantId),
    updateId: requireText('updateId', command.updateId),
    // What is no role is refused as one that is unknown, and recorded.
    agentRole: requireText('agentRole', command.agentRole, 64) as AgentRole,
    content: requireContent(command.content),
    reason: requireWords('reason', command.reason),
    actor: requireActor(command.actor),
    expiresInMs:
      expiresInMs === undefined
        ? null
        : requireInteger('expiresInMs', expiresInMs, { min: 1000, max: MAX_EXPIRY_MS }),
  }
}

/**
 * Puts a text in force with `tx`, or gives the change that was made before under this id with the same facts; a refusal
 * is recorded and given back.
 * @throws StorageError by code; then the transaction must roll back.
 */
export async function breakGlass(
  tx: SqlTransaction,
  options: ResolvedPromptApprovalsOptions,
  command: CheckedCommand,
): Promise<PromptChange | LearningError> {
  const { tenantId, updateId, agentRole, content, reason, actor, expiresInMs } = command
  const hash = contentSha256(content)
  const refuse = async (code: LearningErrorCode, message: string): Promise<LearningError> => {
    const act = { tenantId, agentRole, actor, action: 'prompt.breakGlass', outcome: 'denied' } as const
    await recordAct(tx, options, { ...act, details: { updateId, code, contentSha256: hash, reason } })
    return new LearningError({ code, message, details: { tenantId, updateId, agentRole, actor: actor.id } })
  }
  if (!isPlainPerson(actor)) return refuse('LEARNING_NEEDS_PERSON', 'only a person may break the glass')
  if (!AGENT_ROLES.includes(agentRole)) return refuse('LEARNING_UNKNOWN_ROLE', `no role ${agentRole}`)
  await lockRole(tx, tenantId, agentRole, options.lockTimeoutMs, options.signal)
  const before = await findChange(tx, command)
  if (before !== undefined) {
    return isSame(before, command, hash)
      ? before
      : refuse('LEARNING_UPDATE_CONFLICT', `${updateId} is another change of a prompt`)
  }
  const { now, inForce } = await selectSituation(tx, tenantId, agentRole)
  if (inForce?.contentSha256 === hash)
    return refuse('LEARNING_VERSION_IN_FORCE', 'this very text is in force already')
  if (inForce === null && expiresInMs !== null)
    return refuse('LEARNING_VERSION_NOT_FOUND', 'there is no version before that could come back')
  const targetVersion = await ensureVersion(tx, {
    tenantId,
    agentRole,
    content,
    contentSha256: hash,
    createdBy: actor.id,
  })
  const expiresAt = expiresInMs === null ? null : new Date(now.getTime() + expiresInMs)
  const change = await insertChange(tx, {
    tenantId,
    updateId,
    agentRole,
    kind: 'break-glass',
    baseVersion: inForce?.version ?? null,
    targetVersion,
    contentSha256: hash,
    reason,
    proposedBy: { id: actor.id, kind: actor.kind },
    proposedAt: now,
    expiresAt,
    details: {},
  })
  if (change === undefined) return refuse('LEARNING_UPDATE_CONFLICT', `${updateId} is taken`)
  const settledBy = { id: actor.id, notes: null }
  const details = { expiresAt: expiresAt?.toISOString() ?? null }
  const { appliedAt } = await applyPromptUpdate(tx, options, change, { now, actor, settledBy, details })
  return { ...change, status: 'applied', appliedAt, settled: { by: actor.id, at: appliedAt, notes: null } }
}

/** What a broken glass is told as. */
export function breakGlassOutcome(change: PromptChange): BreakGlassOutcome {
  if (change.status !== 'applied')
    throw new Error(`the break-glass change ${change.updateId} is not in force`)
  const { targetVersion: version, baseVersion, appliedAt, expiresAt } = change
  return { version, baseVersion, appliedAt, expiresAt }
}

function isSame(before: PromptChange, command: CheckedCommand, hash: string): boolean {
  const { expiresAt, proposedAt } = before
  return (
    before.kind === 'break-glass' &&
    before.agentRole === command.agentRole &&
    before.contentSha256 === hash &&
    before.reason === command.reason &&
    before.proposedBy.id === command.actor.id &&
    (expiresAt === null ? null : expiresAt.getTime() - proposedAt.getTime()) === command.expiresInMs
  )
}
