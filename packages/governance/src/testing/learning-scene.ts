import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { LearningGovernance, type LearningGovernanceOptions } from '../learning/learning-governance.ts'
import { PromptGovernor } from '../learning/prompt-governor.ts'
import type { PromptGovernorOptions } from '../learning/prompt-governor-options.ts'
import { PromptRegistry } from '../learning/prompt-registry.ts'
import type { PromptProposal } from '../learning/prompt-update.ts'

/** An agent that learns. */
export const learner: Actor = { id: 'supervisor-1', kind: 'agent' }
/** A service that learns, under the same id. */
export const supervisor: Actor = { id: 'supervisor-1', kind: 'service' }
/** A service that watches what agents do. */
export const watcher: Actor = { id: 'watcher', kind: 'service' }
/** A person. */
export const ada: Actor = { id: 'ada', kind: 'human' }

/** Further options of a governor. */
export type GovernorSceneOptions = Partial<LearningGovernanceOptions> &
  Omit<PromptGovernorOptions, 'learning'>

/** A database with what tests of learning ask of it. Each test takes a tenant of its own. */
export class LearningScene {
  readonly database: SqlDatabase
  readonly governor: PromptGovernor
  readonly registry: PromptRegistry

  constructor(database: SqlDatabase) {
    this.database = database
    this.governor = this.governorWith({})
    this.registry = new PromptRegistry({ database })
  }

  /** A governor that writes events and audit entries, and waits however slow the machine is, with further options. */
  governorWith({ maxPendingPerRole, ...more }: GovernorSceneOptions): PromptGovernor {
    const records = { outbox: new SqlEventOutbox(), audit: new SqlAuditLog() }
    const { database } = this
    const learning = new LearningGovernance({ database, lockTimeoutMs: 600_000, ...records, ...more })
    return new PromptGovernor({ learning, maxPendingPerRole })
  }

  /** A proposal for the role developer, by a service: it may be a role's first prompt too. */
  proposalFor(tenantId: string, more: Partial<PromptProposal> = {}): PromptProposal {
    return {
      tenantId,
      updateId: randomName('u'),
      agentRole: 'developer',
      content: `Write tests first. ${randomName('c')}`,
      reason: 'they fail less',
      actor: supervisor,
      ...more,
    }
  }

  /** Makes all changes of a tenant older. */
  async age(tenantId: string, hours: number): Promise<void> {
    await this.database.query(
      `UPDATE learning_history SET applied_at = applied_at - make_interval(hours => $2::int)
        WHERE tenant_id = $1 AND applied_at IS NOT NULL`,
      [tenantId, hours],
    )
  }

  /** The audit log of a tenant, oldest first. */
  async entries(
    tenantId: string,
  ): Promise<
    readonly { actor: string; action: string; outcome: string; details: Record<string, unknown> }[]
  > {
    const { rows } = await this.database.query<{
      actor: string
      action: string
      outcome: string
      details: Record<string, unknown>
    }>('SELECT actor, action, outcome, details FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id', [
      tenantId,
    ])
    return rows
  }

  /** The events of a tenant, oldest first. */
  async events(tenantId: string): Promise<readonly { type: string; data: Record<string, unknown> }[]> {
    const { rows } = await this.database.query<{ type: string; data: Record<string, unknown> }>(
      `SELECT event_type AS type, envelope -> 'data' AS data FROM outbox WHERE tenant_id = $1 ORDER BY position`,
      [tenantId],
    )
    return rows
  }

  /** How many rows each table of learning holds for a tenant. */
  async rowCounts(tenantId: string): Promise<{ readonly prompts: number; readonly history: number }> {
    const { rows } = await this.database.query<{ prompts: number; history: number }>(
      `SELECT (SELECT count(*)::int FROM prompts WHERE tenant_id = $1) AS prompts,
              (SELECT count(*)::int FROM learning_history WHERE tenant_id = $1) AS history`,
      [tenantId],
    )
    return rows[0] ?? { prompts: -1, history: -1 }
  }
}
