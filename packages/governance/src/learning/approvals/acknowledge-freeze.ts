import { type Actor, requireActor } from '@golden-arch/core/audit'
import { requireTenantId, requireText } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'
import { LearningError, type LearningErrorCode } from '../learning-error.ts'
import { recordAct, recordFact } from '../learning-records.ts'
import { lockRole } from '../learning-rows.ts'
import { hasWords, isPlainPerson } from '../plain-person.ts'
import { requireWords } from '../prompt-content.ts'
import type { ResolvedPromptApprovalsOptions } from './prompt-approvals-options.ts'

/** That a person has seen why a role was frozen. */
export interface FreezeCommand {
  readonly tenantId: string
  readonly agentRole: AgentRole
  readonly actor: Actor
  /** What was found and done, 1 to 4000 characters. */
  readonly notes: string
}

/** A freeze that a person has acknowledged: automatic updates go on. */
export interface AcknowledgedFreeze {
  readonly agentRole: AgentRole
  readonly frozenAt: Date
  /** Why it was frozen. */
  readonly reason: string
  readonly acknowledgedBy: string
  readonly acknowledgedAt: Date
}

interface FreezeRow {
  readonly position: bigint
  readonly frozen_at: Date
  readonly reason: string
  readonly acknowledged_by: string | null
  readonly acknowledged_at: Date | null
}

/** Checks a command. @throws InvalidOptionError `INVALID_OPTION`. */
export function requireFreezeCommand(command: FreezeCommand): FreezeCommand {
  requireTenantId(command.tenantId)
  requireText('agentRole', command.agentRole, 64)
  requireActor(command.actor)
  if (command.notes !== '') requireWords('notes', command.notes)
  return command
}

/**
 * Lifts the freeze of a role with `tx`; again by the same person it is the same answer. A refusal is recorded and given
 * back.
 * @throws StorageError by code; then the transaction must roll back.
 */
export async function acknowledgeFreeze(
  tx: SqlTransaction,
  options: ResolvedPromptApprovalsOptions,
  { tenantId, agentRole, actor, notes }: FreezeCommand,
): Promise<AcknowledgedFreeze | LearningError> {
  const act = { tenantId, agentRole, actor, action: 'prompt.acknowledgeFreeze' } as const
  const refuse = async (
    code: LearningErrorCode,
    message: string,
    by: string | null = null,
  ): Promise<LearningError> => {
    await recordAct(tx, options, { ...act, outcome: 'denied', details: { code, by } })
    const who = by === null ? {} : { by }
    return new LearningError({ code, message, details: { tenantId, agentRole, actor: actor.id, ...who } })
  }
  if (!isPlainPerson(actor)) return refuse('LEARNING_NEEDS_PERSON', 'only a person may lift a freeze')
  if (!AGENT_ROLES.includes(agentRole)) return refuse('LEARNING_UNKNOWN_ROLE', `no role ${agentRole}`)
  if (!hasWords(notes)) return refuse('LEARNING_NOTES_REQUIRED', 'what was found must be said')
  await lockRole(tx, tenantId, agentRole, options.lockTimeoutMs, options.signal)
  const { rows } = await tx.query<FreezeRow>(
    `SELECT position, frozen_at, reason, acknowledged_by, acknowledged_at FROM learning_freezes
      WHERE tenant_id = $1 AND agent_role = $2 ORDER BY position DESC LIMIT 1`,
    [tenantId, agentRole],
  )
  const freeze = rows[0]
  if (freeze === undefined) return refuse('LEARNING_NOT_FROZEN', `the role ${agentRole} is not frozen`)
  const { frozen_at: frozenAt, reason, acknowledged_by: by, acknowledged_at: at } = freeze
  const facts = { agentRole, frozenAt, reason, acknowledgedBy: actor.id }
  if (by === actor.id && at !== null) return { ...facts, acknowledgedAt: at }
  if (by !== null) return refuse('LEARNING_ALREADY_DECIDED', `${by} has lifted the freeze`, by)
  const lifted = await tx.query<{ acknowledged_at: Date }>(
    `UPDATE learning_freezes SET acknowledged_by = $2, acknowledged_at = clock_timestamp(), notes = $3
      WHERE position = $1::bigint RETURNING acknowledged_at`,
    [freeze.position, actor.id, notes],
  )
  const acknowledgedAt = lifted.rows[0]?.acknowledged_at
  if (acknowledgedAt === undefined) throw new Error(`the locked freeze of ${agentRole} is gone`)
  await recordAct(tx, options, { ...act, outcome: 'allowed', details: { notes, reason } })
  const data = { by: actor.id, frozenAt: frozenAt.toISOString() }
  const fact = { tenantId, agentRole, type: 'prompt.freezeAcknowledged', at: acknowledgedAt, data }
  await recordFact(tx, options, fact)
  return { ...facts, acknowledgedAt }
}
