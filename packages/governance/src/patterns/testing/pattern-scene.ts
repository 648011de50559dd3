import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Alert } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { PromptApprovals } from '../../learning/approvals/prompt-approvals.ts'
import { LearningGovernance } from '../../learning/learning-governance.ts'
import { PromptGovernor } from '../../learning/prompt-governor.ts'
import { PromptRegistry } from '../../learning/prompt-registry.ts'
import { PatternSupervisor } from '../pattern-supervisor.ts'
import type { PatternSupervisorOptions } from '../pattern-supervisor-options.ts'
import type { RecordedFailure } from '../recorded-failure.ts'
import type { RegisteredFix } from '../registered-fix.ts'
import { failureOf } from './failures.ts'
import { insertFailures } from './insert-failures.ts'

/** Fixes as an application registers them. */
const FIXES: readonly RegisteredFix[] = [
  { fixId: 'json-only', instruction: 'Answer with one JSON object and nothing around it.' },
  { fixId: 'schema', instruction: 'Repeat the schema before you answer.' },
  { fixId: 'allow-host', instruction: 'Ask for any host.', widensAccess: true },
]

/** Learning governance as it is, and a supervisor on top of it. */
export interface PatternScene {
  readonly database: SqlDatabase
  readonly governor: PromptGovernor
  readonly approvals: PromptApprovals
  readonly registry: PromptRegistry
  readonly alerts: Alert[]
  supervisor(more?: Partial<PatternSupervisorOptions>): PatternSupervisor
  /** Installs the first prompt of a developer, or another role. */
  seed(tenantId: string, agentRole?: AgentRole): Promise<void>
  /** Records `count` tasks that failed so, of which the first `failed` were not mended. */
  fail(options: FailOptions): Promise<void>
  /** The prompt of a developer that is in force. */
  prompt(tenantId: string): Promise<{ readonly version: number; readonly content: string }>
  /** How often each event of patterns was written, and each audit entry, by type or action and outcome. */
  written(tenantId: string): Promise<Readonly<Record<string, number>>>
  /** The changes of prompts, by kind. */
  changes(tenantId: string): Promise<readonly string[]>
  /** Lets the claims of supervisors that died run out. */
  ageClaims(tenantId: string): Promise<void>
}

/** Tasks that failed. */
export interface FailOptions {
  readonly tenantId: string
  readonly count: number
  readonly failed?: number
  readonly minutesAgo?: number
  readonly more?: Partial<RecordedFailure>
}

/** A scene in which a developer's prompt may change at any time. */
export async function patternScene(database: SqlDatabase): Promise<PatternScene> {
  const records = { outbox: new SqlEventOutbox(), audit: new SqlAuditLog() }
  // Longer than any test lasts, so that a slow machine changes nothing.
  const lockTimeoutMs = 600_000
  const learning = new LearningGovernance({ database, lockTimeoutMs, ...records })
  const governor = new PromptGovernor({ learning })
  const approvals = new PromptApprovals({ learning })
  const registry = new PromptRegistry({ database })
  const alerts: Alert[] = []
  let tasks = 0
  await database.query(
    "UPDATE learning_governance SET cooldown_hours = 0, max_updates_per_day = 1000 WHERE agent_role = 'developer'",
  )
  return {
    database,
    governor,
    approvals,
    registry,
    alerts,
    supervisor: (more = {}) =>
      new PatternSupervisor({
        database,
        prompts: governor,
        inForce: registry,
        fixes: FIXES,
        callTimeoutMs: 600_000,
        alerts: { raise: (alert) => void alerts.push(alert) },
        ...records,
        ...more,
      }),
    seed: async (tenantId, agentRole = 'developer') => {
      const actor = { id: 'installer', kind: 'service' } as const
      await governor.seed({ tenantId, agentRole, content: 'You write Python.', actor })
    },
    fail: async ({ tenantId, count, failed = 0, minutesAgo = 0, more = {} }) => {
      const failures = Array.from({ length: count }, (_, index) => {
        const outcome = index < failed ? 'failed' : 'succeeded'
        return failureOf({ tenantId, taskId: `task-${tasks++}`, outcome, ...more })
      })
      await insertFailures(database, failures, minutesAgo)
    },
    prompt: async (tenantId) => {
      const current = await registry.findCurrent({ tenantId, agentRole: 'developer' })
      if (current === undefined) throw new Error('no prompt is in force')
      return { version: current.version, content: current.content }
    },
    written: async (tenantId) => {
      const { rows } = await database.query<{ name: string; n: bigint }>(
        `SELECT 'event ' || event_type AS name, count(*) AS n FROM outbox
          WHERE tenant_id = $1 AND event_type LIKE 'pattern.%' GROUP BY 1
         UNION ALL
         SELECT 'audit ' || action || ' ' || outcome, count(*) FROM audit_log
          WHERE tenant_id = $1 AND action LIKE 'pattern.%' GROUP BY 1 ORDER BY 1`,
        [tenantId],
      )
      return Object.fromEntries(rows.map(({ name, n }) => [name, Number(n)]))
    },
    changes: async (tenantId) => {
      const { rows } = await database.query<{ change: string }>(
        `SELECT kind || ' ' || status || ' ' || coalesce(base_version::text, '-') || '>' || target_version AS change
           FROM learning_history WHERE tenant_id = $1 ORDER BY position`,
        [tenantId],
      )
      return rows.map(({ change }) => change)
    },
    ageClaims: async (tenantId) => {
      await database.query(
        "UPDATE pattern_updates SET claimed_at = claimed_at - interval '1 hour' WHERE tenant_id = $1",
        [tenantId],
      )
    },
  }
}
