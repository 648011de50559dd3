import { randomUUID } from 'node:crypto'
import { type Actor, requireActor } from '@golden-arch/core/audit'
import { requireTenantId } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { applyPromptUpdate } from './apply-prompt-update.ts'
import { insertChange } from './change-rows.ts'
import { requireRoleName } from './check-proposal.ts'
import { LearningError } from './learning-error.ts'
import { recordAct } from './learning-records.ts'
import { findSituation, lockRole, unknownRole } from './learning-rows.ts'
import { contentSha256, requireContent } from './prompt-content.ts'
import type { ResolvedPromptGovernorOptions } from './prompt-governor-options.ts'
import { ensureVersion } from './prompt-rows.ts'

/** The first prompt of a role, as the application brings it along. */
export interface PromptSeed {
  readonly tenantId: string
  readonly agentRole: AgentRole
  /** The whole prompt, 1 to 1000000 characters. */
  readonly content: string
  /** A person or a service; agents may not. */
  readonly actor: Actor
}

/** What a seed did: it is in force now, or a prompt was there before and stays. */
export interface SeededPrompt {
  readonly status: 'installed' | 'present'
  /** The version in force. */
  readonly version: number
}

/** Returns the seed if it keeps its rules. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireSeed(seed: PromptSeed): PromptSeed {
  return {
    tenantId: requireTenantId(seed.tenantId),
    agentRole: requireRoleName(seed.agentRole),
    content: requireContent(seed.content),
    actor: requireActor(seed.actor),
  }
}

/** Puts a role's first prompt in force, with `tx`, if it has none. An error is given back, not thrown: its audit entry stands. */
export async function seedPrompt(
  tx: SqlTransaction,
  options: ResolvedPromptGovernorOptions,
  seed: PromptSeed,
  signal?: AbortSignal,
): Promise<SeededPrompt | LearningError> {
  const { tenantId, agentRole, actor, content } = seed
  await lockRole(tx, tenantId, agentRole, options.lockTimeoutMs, signal)
  const situation = await findSituation(tx, tenantId, agentRole)
  if (situation === undefined) return deny(tx, options, seed, unknownRole(tenantId, agentRole))
  if (situation.inForce !== null) return { status: 'present', version: situation.inForce.version }
  if (actor.kind === 'agent') return deny(tx, options, seed, firstPromptNeedsPerson(seed))
  const sha256 = contentSha256(content)
  const version = { tenantId, agentRole, content, contentSha256: sha256, createdBy: actor.id }
  // The role's label, not this key, makes a seed happen once; nobody can take a random key before.
  const change = await insertChange(tx, {
    tenantId,
    agentRole,
    updateId: randomUUID(),
    kind: 'seed',
    baseVersion: null,
    targetVersion: await ensureVersion(tx, version),
    contentSha256: sha256,
    reason: 'first prompt',
    proposedBy: actor,
    proposedAt: situation.now,
    expiresAt: null,
    details: {},
  })
  if (change === undefined) throw new Error('a random key was taken')
  const { now } = situation
  const applied = await applyPromptUpdate(tx, options, change, { now, actor, settledBy: null })
  return { status: 'installed', version: applied.version }
}

/** The error for an agent that would put a role's first prompt in force. */
export function firstPromptNeedsPerson({
  tenantId,
  agentRole,
  actor,
}: Pick<PromptSeed, 'tenantId' | 'agentRole' | 'actor'>): LearningError {
  return new LearningError({
    code: 'LEARNING_NEEDS_PERSON',
    message: `a person or a service must install a first prompt, not the agent ${actor.id}`,
    details: { tenantId, agentRole, kind: actor.kind },
  })
}

async function deny(
  tx: SqlTransaction,
  records: ResolvedPromptGovernorOptions,
  { tenantId, agentRole, actor }: PromptSeed,
  error: LearningError,
): Promise<LearningError> {
  const details = { code: error.code }
  const act = { tenantId, agentRole, actor, action: 'prompt.seed', outcome: 'denied', details } as const
  await recordAct(tx, records, act)
  return error
}
