import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Alert } from '@golden-arch/core/observability'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { randomName } from '@golden-arch/testkit'
import { PromptApprovals } from '../learning/approvals/prompt-approvals.ts'
import type { PromptApprovalsOptions } from '../learning/approvals/prompt-approvals-options.ts'
import { LearningGovernance, type LearningGovernanceOptions } from '../learning/learning-governance.ts'
import { contentSha256 } from '../learning/prompt-content.ts'
import { PromptGovernor } from '../learning/prompt-governor.ts'

/** A person. */
export function person(id: string): Actor {
  return { id, kind: 'human' }
}

/** The service whose proposals the scene makes. */
export const SUPERVISOR: Actor = Object.freeze({ id: 'supervisor', kind: 'service' })

/** Runs `run` under other rules, which all tenants of the database share, and puts them back. */
export async function withLearningRules<T>(
  database: SqlDatabase,
  change: string,
  run: () => Promise<T>,
): Promise<T> {
  const { rows } = await database.query<{ rules: string }>(
    'SELECT jsonb_agg(g)::text AS rules FROM learning_governance g',
  )
  await database.query(`UPDATE learning_governance SET ${change}`)
  try {
    return await run()
  } finally {
    await database.query(
      `UPDATE learning_governance g
          SET max_updates_per_day = r.max_updates_per_day, cooldown_hours = r.cooldown_hours,
              requires_approval = r.requires_approval, required_approvals = r.required_approvals,
              requires_notes = r.requires_notes
         FROM jsonb_populate_recordset(null::learning_governance, $1::jsonb) AS r WHERE r.agent_role = g.agent_role`,
      [rows[0]?.rules],
    )
  }
}

/** What a tenant's rows say, without what differs from one run to the next. */
export interface ApprovalRecord {
  readonly history: readonly Record<string, unknown>[]
  readonly approvals: readonly Record<string, unknown>[]
  readonly versionInForce: number | null
  readonly audit: readonly {
    readonly actor: string
    readonly kind: string
    readonly action: string
    readonly outcome: string
    readonly details: Record<string, unknown>
  }[]
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[]
}

/** Further options of a scene. */
export type ApprovalSceneOptions = Partial<LearningGovernanceOptions> &
  Omit<PromptApprovalsOptions, 'learning'>

/** A tenant of its own with a seeded prompt, and what acts on it. */
export class ApprovalScene {
  readonly tenantId: string
  readonly role: AgentRole
  readonly governor: PromptGovernor
  readonly approvals: PromptApprovals
  readonly alerts: Alert[] = []
  readonly #database: SqlDatabase
  #next = 0

  constructor(
    database: SqlDatabase,
    role: AgentRole = 'architect',
    { pollIntervalMs, clock, ...more }: ApprovalSceneOptions = {},
  ) {
    this.tenantId = randomName('t')
    this.role = role
    this.#database = database
    const records = { outbox: new SqlEventOutbox(), audit: new SqlAuditLog() }
    const alerts = { raise: (alert: Alert) => void this.alerts.push(alert) }
    // What the scene proposes may be what a gate refuses later.
    this.governor = new PromptGovernor({ learning: new LearningGovernance({ database, ...records }) })
    const learning = new LearningGovernance({ database, ...records, alerts, ...more })
    this.approvals = new PromptApprovals({ learning, pollIntervalMs, clock })
  }

  /** Installs the first prompt of the role. */
  async seed(): Promise<this> {
    const { tenantId, role: agentRole } = this
    await this.governor.seed({ tenantId, agentRole, content: 'be strict', actor: SUPERVISOR })
    return this
  }

  /** Proposes a text of its own that waits for people; gives what an approval must name. */
  async propose(
    updateId = `u-${this.#next++}`,
  ): Promise<{ tenantId: string; updateId: string; contentSha256: string }> {
    const { tenantId, role: agentRole } = this
    const content = `be stricter: ${updateId}`
    const decision = await this.governor.propose({
      tenantId,
      agentRole,
      updateId,
      content,
      reason: 'too lenient',
      actor: SUPERVISOR,
    })
    if (decision.status !== 'pending') throw new Error(`the proposal is ${decision.status}`)
    return { tenantId, updateId, contentSha256: contentSha256(content) }
  }

  /** What the tables hold of the tenant at one instant, in the order in which it was written. */
  async record(): Promise<ApprovalRecord> {
    return this.#database.transaction((tx) => this.#read(tx), { isolation: 'repeatable read' })
  }

  async #read(tx: SqlTransaction): Promise<ApprovalRecord> {
    const values = [this.tenantId]
    const history = await tx.query(
      `SELECT update_id, agent_role, kind, status, base_version, target_version, content_sha256, proposed_by, decided_by, notes,
              held_by, applied_at IS NOT NULL AS is_applied, decided_at IS NOT NULL AS is_decided
         FROM learning_history WHERE tenant_id = $1 ORDER BY position`,
      values,
    )
    const approvals = await tx.query(
      `SELECT update_id, approver, content_sha256, notes FROM learning_approvals WHERE tenant_id = $1 ORDER BY position`,
      values,
    )
    const label = await tx.query<{ version: number }>(
      `SELECT version FROM prompt_labels WHERE tenant_id = $1 AND agent_role = $2 AND label = 'production'`,
      [this.tenantId, this.role],
    )
    const audit = await tx.query<ApprovalRecord['audit'][number]>(
      `SELECT actor, actor_kind AS kind, action, outcome, details - 'databaseUser' AS details
         FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id`,
      values,
    )
    const events = await tx.query<ApprovalRecord['events'][number]>(
      `SELECT event_type AS type, envelope -> 'data' AS data FROM outbox WHERE tenant_id = $1 ORDER BY position`,
      values,
    )
    return {
      history: history.rows,
      approvals: approvals.rows,
      versionInForce: label.rows[0]?.version ?? null,
      audit: audit.rows,
      events: events.rows,
    }
  }

  /** Runs a statement on the tables, as somebody who may write to them would. */
  async tamper(text: string, values: readonly unknown[] = []): Promise<void> {
    await this.#database.query(text, [this.tenantId, ...values])
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
const RANDOM_ID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g

/** A record without instants and random ids: no two runs have the same. */
export function timelessRecord(record: ApprovalRecord): ApprovalRecord {
  const text = JSON.stringify(record, (_name, value: unknown) => {
    if (typeof value !== 'string') return value
    return INSTANT.test(value) ? 'an instant' : value.replace(RANDOM_ID, 'a random id')
  })
  // It was written from a record just now.
  return JSON.parse(text) as ApprovalRecord
}
