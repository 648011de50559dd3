import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { randomName } from '@golden-arch/testkit'
import { LearningScene } from './learning-scene.ts'

/** What became of the proposals of a round, all made at once. */
export interface ContentionRound {
  /** For each role how often each thing was told: `applied`, `pending`, or why it was refused. */
  readonly told: ReadonlyMap<AgentRole, ReadonlyMap<string, number>>
  /** For each role how many changes the database holds as applied. */
  readonly applied: ReadonlyMap<AgentRole, number>
  /** Codes of the errors, serialization failures and deadlocks among them. */
  readonly errors: readonly string[]
  /** Milliseconds from each call to its answer. */
  readonly tookMs: readonly number[]
}

/** Has `perRole` proposals made at once for each of these roles of one new tenant. */
export async function runContentionRound(
  database: SqlDatabase,
  perRole: number,
  roles: readonly AgentRole[],
): Promise<ContentionRound> {
  const scene = new LearningScene(database)
  const tenantId = randomName('t')
  const errors: string[] = []
  const tookMs: number[] = []
  const ask = async (agentRole: AgentRole): Promise<string> => {
    const proposal = scene.proposalFor(tenantId, { agentRole })
    const askedAt = performance.now()
    try {
      const decision = await scene.governor.propose(proposal)
      return decision.status === 'refused' ? decision.reason : decision.status
    } catch (error) {
      errors.push(isGoldenError(error) ? error.code : String(error))
      return 'error'
    } finally {
      tookMs.push(performance.now() - askedAt)
    }
  }
  const toldTo = async (agentRole: AgentRole): Promise<ReadonlyMap<string, number>> => {
    const told = await Promise.all(Array.from({ length: perRole }, () => ask(agentRole)))
    return told.reduce(
      (counts, one) => counts.set(one, (counts.get(one) ?? 0) + 1),
      new Map<string, number>(),
    )
  }
  const told = await Promise.all(roles.map(async (role) => [role, await toldTo(role)] as const))
  const { rows } = await database.query<{ agent_role: AgentRole; applied: number }>(
    `SELECT agent_role, count(applied_at)::int AS applied FROM learning_history WHERE tenant_id = $1 GROUP BY agent_role`,
    [tenantId],
  )
  const applied = new Map(roles.map((role) => [role, 0]))
  for (const row of rows) applied.set(row.agent_role, row.applied)
  return { told: new Map(told), applied, errors, tookMs }
}

/** Sets the cooldown of every role, so that a round meets the limit of the day in place of it. */
export async function setCooldowns(database: SqlDatabase, hours: number): Promise<void> {
  await database.query('UPDATE learning_governance SET cooldown_hours = $1::int', [hours])
}
