import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { type LearningRecords, recordAct, recordFact } from './learning-records.ts'

/** Which role is about to be frozen, and by whose rollback. */
export interface FreezeCause {
  readonly tenantId: string
  readonly agentRole: AgentRole
  readonly actor: Actor
}

/** As many rollbacks within 24 hours say that updates and rollbacks undo each other. */
const ROLLBACKS_THAT_FREEZE = 2

/**
 * Stops automatic updates of the role, until a person acknowledges, if it was rolled back twice within 24 hours. A
 * rollback is inside the day as a change is: also one of the future, after the clock was set back.
 * @returns whether it did. @throws StorageError by code.
 */
export async function freezeIfFlapping(
  tx: SqlTransaction,
  records: LearningRecords,
  { tenantId, agentRole, actor }: FreezeCause,
  now: Date,
): Promise<boolean> {
  const { rows } = await tx.query<{ rollbacks: number }>(
    `SELECT count(*)::int AS rollbacks FROM (
       SELECT FROM learning_history
        WHERE tenant_id = $1 AND agent_role = $2 AND kind = 'rollback' AND applied_at > $3::timestamptz - interval '24 hours'
        LIMIT $4::int) AS recent`,
    [tenantId, agentRole, now, ROLLBACKS_THAT_FREEZE],
  )
  if ((rows[0]?.rollbacks ?? 0) < ROLLBACKS_THAT_FREEZE) return false
  const reason = `rolled back ${ROLLBACKS_THAT_FREEZE} times within 24 hours`
  await tx.query(
    'INSERT INTO learning_freezes (tenant_id, agent_role, frozen_at, reason) VALUES ($1, $2, $3::timestamptz, $4)',
    [tenantId, agentRole, now, reason],
  )
  const act = { tenantId, agentRole, actor, action: 'prompt.freeze', outcome: 'allowed' } as const
  await recordAct(tx, records, { ...act, details: { reason } })
  await recordFact(tx, records, { tenantId, agentRole, type: 'prompt.frozen', at: now, data: { reason } })
  return true
}
