import { type Actor, requireActor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { applyPromptUpdate } from './apply-prompt-update.ts'
import { findChange, insertChange, selectSteps } from './change-rows.ts'
import { isSameActor, requireRoleName, requireUpdateKey, requireVersion } from './check-proposal.ts'
import { whyNotStepBack } from './decide-step-back.ts'
import { freezeIfFlapping } from './freeze-role.ts'
import { LearningError, type LearningErrorCode } from './learning-error.ts'
import { recordAct } from './learning-records.ts'
import { findSituation, lockRole, type RoleSituation, unknownRole } from './learning-rows.ts'
import type { PromptChange } from './prompt-change.ts'
import { requireWords } from './prompt-content.ts'
import type { ResolvedPromptGovernorOptions } from './prompt-governor-options.ts'
import { findFormerVersion } from './prompt-rows.ts'
import type { PromptUpdateKey } from './prompt-update.ts'

/**
 * Back to a version that was in force before. A person may go to any; a service to what the one in force was built on; an
 * agent there too, where no person put in force what it would leave.
 */
export interface PromptRollback extends PromptUpdateKey {
  readonly agentRole: AgentRole
  readonly toVersion: number
  /** The version that shall be left. Where another is in force it is `LEARNING_BASE_CHANGED`. Default: whatever is in force. */
  readonly expectedVersion?: number
  /** Why, in words, 1 to 4000 characters. */
  readonly reason: string
  readonly actor: Actor
}

/** What a rollback did. */
export interface RolledBackPrompt {
  readonly version: number
  readonly appliedAt: Date
  /** Whether automatic updates of the role wait for a person now. */
  readonly isFrozen: boolean
}

/** Returns the rollback if it keeps its rules. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireRollback(rollback: PromptRollback): PromptRollback {
  const { expectedVersion } = rollback
  return {
    ...requireUpdateKey(rollback),
    agentRole: requireRoleName(rollback.agentRole),
    toVersion: requireVersion('toVersion', rollback.toVersion),
    ...(expectedVersion === undefined
      ? {}
      : { expectedVersion: requireVersion('expectedVersion', expectedVersion) }),
    reason: requireWords('reason', rollback.reason),
    actor: requireActor(rollback.actor),
  }
}

/** Puts a former version in force again, with `tx`. An error is given back, not thrown: its audit entry stands. */
export async function rollBackPrompt(
  tx: SqlTransaction,
  options: ResolvedPromptGovernorOptions,
  rollback: PromptRollback,
  signal?: AbortSignal,
): Promise<RolledBackPrompt | LearningError> {
  const { tenantId, agentRole } = rollback
  await lockRole(tx, tenantId, agentRole, options.lockTimeoutMs, signal)
  const situation = await findSituation(tx, tenantId, agentRole)
  if (situation === undefined) return deny(tx, options, rollback, unknownRole(tenantId, agentRole))
  const known = await findChange(tx, rollback)
  if (known !== undefined) {
    if (known.status === 'applied' && isSameRollback(known, rollback)) {
      return {
        version: known.targetVersion,
        appliedAt: known.appliedAt,
        isFrozen: situation.isFrozen,
      }
    }
    return deny(tx, options, rollback, conflict(rollback))
  }
  return moveBack(tx, options, rollback, situation)
}

async function moveBack(
  tx: SqlTransaction,
  options: ResolvedPromptGovernorOptions,
  rollback: PromptRollback,
  { inForce, now, isFrozen }: RoleSituation,
): Promise<RolledBackPrompt | LearningError> {
  const { actor, agentRole, toVersion, expectedVersion = inForce?.version } = rollback
  if (inForce?.version === toVersion) {
    return deny(
      tx,
      options,
      rollback,
      refusal(rollback, 'LEARNING_VERSION_IN_FORCE', `version ${toVersion} is in force`),
    )
  }
  if (inForce?.version !== expectedVersion) {
    const message = `version ${inForce?.version ?? 'none'} is in force, not ${expectedVersion}`
    return deny(tx, options, rollback, refusal(rollback, 'LEARNING_BASE_CHANGED', message))
  }
  const contentSha256 = await findFormerVersion(tx, rollback.tenantId, agentRole, toVersion)
  if (contentSha256 === undefined) {
    const message = `version ${toVersion} of the prompt for ${agentRole} was never in force`
    return deny(tx, options, rollback, refusal(rollback, 'LEARNING_VERSION_NOT_FOUND', message))
  }
  const step = { inForce: inForce?.version ?? null, toVersion, actor }
  // Read under the lock of the role, so that nobody moves what this is decided by.
  const needsPerson =
    actor.kind === 'human'
      ? undefined
      : whyNotStepBack(await selectSteps(tx, rollback.tenantId, agentRole), step)
  if (needsPerson !== undefined) {
    return deny(tx, options, rollback, refusal(rollback, 'LEARNING_NEEDS_PERSON', needsPerson))
  }
  const change = await insertChange(tx, {
    ...rollback,
    kind: 'rollback',
    baseVersion: inForce?.version ?? null,
    targetVersion: toVersion,
    contentSha256,
    proposedBy: actor,
    proposedAt: now,
    expiresAt: null,
    details: {},
  })
  if (change === undefined) return deny(tx, options, rollback, conflict(rollback))
  const { version, appliedAt } = await applyPromptUpdate(tx, options, change, {
    now,
    actor,
    settledBy: null,
  })
  const isFlapping = !isFrozen && (await freezeIfFlapping(tx, options, rollback, now))
  return { version, appliedAt, isFrozen: isFrozen || isFlapping }
}

function isSameRollback(
  known: PromptChange,
  { agentRole, toVersion, expectedVersion = known.baseVersion ?? undefined, reason, actor }: PromptRollback,
): boolean {
  return (
    known.kind === 'rollback' &&
    known.agentRole === agentRole &&
    known.targetVersion === toVersion &&
    known.baseVersion === (expectedVersion ?? null) &&
    known.reason === reason &&
    isSameActor(known.proposedBy, actor)
  )
}

function conflict(rollback: PromptRollback): LearningError {
  return refusal(
    rollback,
    'LEARNING_UPDATE_CONFLICT',
    `the update ${rollback.updateId} was asked with other facts`,
  )
}

function refusal(
  { tenantId, updateId, agentRole, toVersion }: PromptRollback,
  code: LearningErrorCode,
  message: string,
): LearningError {
  return new LearningError({ code, message, details: { tenantId, updateId, agentRole, toVersion } })
}

async function deny(
  tx: SqlTransaction,
  records: ResolvedPromptGovernorOptions,
  { tenantId, agentRole, actor, updateId, toVersion }: PromptRollback,
  error: LearningError,
): Promise<LearningError> {
  const details = { updateId, toVersion, code: error.code }
  const action = 'prompt.rollback'
  await recordAct(tx, records, { tenantId, agentRole, actor, action, outcome: 'denied', details })
  return error
}
