import type { AuditLog } from '@golden-arch/core/audit'
import type { EventOutbox } from '@golden-arch/core/events'
import type { AlertSink } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'
import { LearningGovernance, PromptCanary, PromptGovernor } from '@golden-arch/governance/learning'
import { ROLE_PROMPTS } from './prompts.ts'

/** The prompt of a role as it is governed. */
export interface RolePrompt {
  readonly content: string
  readonly version: number
}

/** Whose prompt, for which task. */
export interface PromptAddress {
  readonly tenantId: string
  readonly agentRole: AgentRole
  /** A share of the tasks gets the version on trial: all questions of one root the same. */
  readonly rootTaskId: string
}

/** What {@link RolePrompts} are made of. */
export interface RolePromptsOptions {
  readonly database: SqlDatabase
  readonly outbox: EventOutbox
  readonly audit: AuditLog
  /** Who is told of a trial that an outcome takes back. Default: nobody. */
  readonly alerts?: AlertSink | undefined
}

const SEEDER = Object.freeze({ id: 'agent-runtime', kind: 'service' } as const)

/** The governed prompts of the agents' roles: what is in force, or on trial, is what a model is told. */
export class RolePrompts {
  readonly #governor: PromptGovernor
  readonly #canary: PromptCanary
  readonly #database: SqlDatabase
  /** Tenants whose roles were seen to have prompts. */
  readonly #seeded = new Map<string, Promise<void>>()

  constructor(options: RolePromptsOptions) {
    // Without gates: nothing is proposed or tried here.
    const { database, outbox, audit, alerts } = options
    const learning = new LearningGovernance({ database, outbox, audit, alerts })
    this.#governor = new PromptGovernor({ learning })
    this.#canary = new PromptCanary({ learning })
    this.#database = options.database
  }

  /**
   * Puts the prompts that come along in force, of each role of the tenant that has none: what is proposed later has something
   * to be compared with, and to be rolled back to. Asked again it does nothing.
   * @throws LearningError, StorageError by code.
   */
  seed(tenantId: string): Promise<void> {
    const seeded = this.#seeded.get(tenantId) ?? this.#seed(tenantId)
    this.#seeded.set(tenantId, seeded)
    seeded.catch(() => this.#seeded.delete(tenantId))
    return seeded
  }

  async #seed(tenantId: string): Promise<void> {
    for (const agentRole of AGENT_ROLES) {
      await this.#governor.seed({ tenantId, agentRole, content: ROLE_PROMPTS[agentRole], actor: SEEDER })
    }
  }

  /** The prompt of a role for a task: those of a tenant that has none yet are seeded. @throws LearningError, StorageError by code. */
  async promptFor({ tenantId, agentRole, rootTaskId }: PromptAddress): Promise<RolePrompt | null> {
    await this.seed(tenantId)
    const found = await this.#canary.choose({ tenantId, agentRole, taskId: rootTaskId })
    return found === undefined ? null : { content: found.content, version: found.version }
  }

  /**
   * Tells the trials how a root ended, for each role on trial by the version that the root's questions were answered with.
   * May be told again. @throws LearningError, StorageError by code.
   */
  async recordOutcome(root: {
    readonly tenantId: string
    readonly taskId: string
    readonly succeeded: boolean
  }): Promise<void> {
    const { tenantId, taskId, succeeded } = root
    for (const agentRole of AGENT_ROLES) {
      if ((await this.#canary.findRunning({ tenantId, agentRole })) === undefined) continue
      const version = await this.#versionUsed(tenantId, taskId, agentRole)
      if (version === undefined) continue
      await this.#canary.recordOutcome({ tenantId, agentRole, taskId, version, succeeded })
    }
  }

  /** The last version that answered a question of the root's family. */
  async #versionUsed(
    tenantId: string,
    rootTaskId: string,
    agentRole: AgentRole,
  ): Promise<number | undefined> {
    const { rows } = await this.#database.query<{ version: number }>(
      `WITH RECURSIVE family (task_id, depth) AS (
         SELECT task_id, 0 FROM tasks WHERE tenant_id = $1 AND task_id = $2
         UNION ALL
         SELECT t.task_id, f.depth + 1 FROM tasks t JOIN family f ON t.tenant_id = $1 AND t.parent_task_id = f.task_id
          WHERE f.depth < 16
       )
       SELECT (e.result->>'promptVersion')::int AS version
         FROM task_effects e JOIN family f ON e.tenant_id = $1 AND e.task_id = f.task_id
        WHERE e.result->>'kind' = 'answered' AND e.result->>'agentRole' = $3 AND e.result->>'promptVersion' IS NOT NULL
        ORDER BY e.settled_at DESC LIMIT 1`,
      [tenantId, rootTaskId, agentRole],
    )
    return rows[0]?.version
  }
}
