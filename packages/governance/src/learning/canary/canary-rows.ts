import type { ActorKind } from '@golden-arch/core/audit'
import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { CanaryEnd, CanaryFacts, CanaryKey, CanaryTrial } from './canary-trial.ts'

interface CanaryRow {
  readonly tenant_id: string
  readonly canary_id: string
  readonly agent_role: AgentRole
  readonly version: number
  readonly base_version: number
  readonly content_sha256: string
  readonly share_milli: number
  readonly tasks_wanted: number
  readonly max_tasks: number
  readonly tolerated_ratio_milli: number
  readonly false_alarm_milli: number
  readonly status: CanaryTrial['status']
  readonly canary_tasks: number
  readonly canary_failures: number
  readonly production_tasks: number
  readonly production_failures: number
  readonly started_by: string
  readonly started_by_kind: ActorKind
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly ended_by: string | null
}

const COLUMNS = [
  'tenant_id, canary_id, agent_role, version, base_version, content_sha256, share_milli, tasks_wanted, max_tasks',
  'tolerated_ratio_milli, false_alarm_milli, status, canary_tasks, canary_failures, production_tasks',
  'production_failures, started_by, started_by_kind, started_at, ended_at, ended_by',
]
  .join(', ')
  .replaceAll(/\w+/g, 'c.$&')

/** What a trial begins with; the rest is counted. */
export type NewCanary = Omit<CanaryFacts, 'counts' | 'startedAt'>

/** Adds a running trial with its label; undefined, and nothing changed, where its key is taken. Call it under the lock of the role. */
export async function insertCanary(tx: SqlTransaction, canary: NewCanary): Promise<CanaryTrial | undefined> {
  const { tenantId, agentRole, version, policy, startedBy } = canary
  const { rows } = await tx.query<CanaryRow>(
    `INSERT INTO prompt_canaries AS c
       (tenant_id, canary_id, agent_role, version, base_version, content_sha256, share_milli, tasks_wanted, max_tasks,
        tolerated_ratio_milli, false_alarm_milli, started_by, started_by_kind)
     VALUES ($1, $2, $3, $4::int, $5::int, $6, $7::int, $8::int, $9::int, $10::int, $11::int, $12, $13)
     ON CONFLICT (tenant_id, canary_id) DO NOTHING RETURNING ${COLUMNS}`,
    [
      tenantId,
      canary.canaryId,
      agentRole,
      version,
      canary.baseVersion,
      canary.contentSha256,
      policy.shareMilli,
      policy.tasksWanted,
      policy.maxTasks,
      policy.toleratedRatioMilli,
      policy.falseAlarmMilli,
      startedBy.id,
      startedBy.kind,
    ],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  await tx.query(
    `INSERT INTO prompt_labels AS l (tenant_id, agent_role, label, version, share_milli)
     VALUES ($1, $2, 'canary', $3::int, $4::int)
     ON CONFLICT (tenant_id, agent_role, label) DO UPDATE SET version = EXCLUDED.version,
       share_milli = EXCLUDED.share_milli, moved_at = EXCLUDED.moved_at`,
    [tenantId, agentRole, version, policy.shareMilli],
  )
  return trialOf(row)
}

/** Reads a trial; undefined where there is none. */
export async function findCanary(
  executor: SqlExecutor,
  { tenantId, canaryId }: CanaryKey,
): Promise<CanaryTrial | undefined> {
  const { rows } = await executor.query<CanaryRow>(
    `SELECT ${COLUMNS} FROM prompt_canaries c WHERE c.tenant_id = $1 AND c.canary_id = $2`,
    [tenantId, canaryId],
  )
  return rows[0] === undefined ? undefined : trialOf(rows[0])
}

/** Reads the running trial of a role; undefined where there is none. */
export async function findRunningCanary(
  executor: SqlExecutor,
  tenantId: string,
  agentRole: AgentRole,
): Promise<CanaryTrial | undefined> {
  const { rows } = await executor.query<CanaryRow>(
    `SELECT ${COLUMNS} FROM prompt_canaries c
      WHERE c.tenant_id = $1 AND c.agent_role = $2 AND c.status = 'running'`,
    [tenantId, agentRole],
  )
  return rows[0] === undefined ? undefined : trialOf(rows[0])
}

/** Whether a trial of this version beside this one ended so. */
export async function hasEndedSo(
  executor: SqlExecutor,
  {
    tenantId,
    agentRole,
    version,
    baseVersion,
  }: Pick<CanaryFacts, 'tenantId' | 'agentRole' | 'version' | 'baseVersion'>,
  status: CanaryEnd,
): Promise<boolean> {
  const { rows } = await executor.query(
    `SELECT c.canary_id FROM prompt_canaries c
      WHERE c.tenant_id = $1 AND c.agent_role = $2 AND c.version = $3::int AND c.base_version = $4::int AND c.status = $5
      LIMIT 1`,
    [tenantId, agentRole, version, baseVersion, status],
  )
  return rows.length > 0
}

/**
 * Makes those who change a role's running trial take turns, until `tx` ends. It is the label that is locked, as who puts a
 * version in force takes that away first. Read the trial in a later statement.
 */
export async function lockCanary(tx: SqlTransaction, tenantId: string, agentRole: AgentRole): Promise<void> {
  await tx.query(
    `SELECT version FROM prompt_labels WHERE tenant_id = $1 AND agent_role = $2 AND label = 'canary' FOR UPDATE`,
    [tenantId, agentRole],
  )
}

/** Counts the outcome of a task, once; undefined, and nothing changed, where it is counted or the trial has ended. Call it under {@link lockCanary}. */
export async function countOutcome(
  tx: SqlTransaction,
  { tenantId, canaryId }: CanaryKey,
  taskId: string,
  onTrial: boolean,
  succeeded: boolean,
): Promise<CanaryTrial | undefined> {
  const { rows } = await tx.query<CanaryRow>(
    `WITH fresh AS (
       INSERT INTO prompt_canary_outcomes (tenant_id, canary_id, task_id, on_trial, succeeded)
       SELECT c.tenant_id, c.canary_id, $3, $4::boolean, $5::boolean FROM prompt_canaries c
        WHERE c.tenant_id = $1 AND c.canary_id = $2 AND c.status = 'running'
       ON CONFLICT (tenant_id, canary_id, task_id) DO NOTHING RETURNING tenant_id, canary_id)
     UPDATE prompt_canaries c
        SET canary_tasks = c.canary_tasks + ($4::boolean)::int,
            canary_failures = c.canary_failures + ($4::boolean AND NOT $5::boolean)::int,
            production_tasks = c.production_tasks + (NOT $4::boolean)::int,
            production_failures = c.production_failures + (NOT $4::boolean AND NOT $5::boolean)::int
       FROM fresh WHERE c.tenant_id = fresh.tenant_id AND c.canary_id = fresh.canary_id
     RETURNING ${COLUMNS}`,
    [tenantId, canaryId, taskId, onTrial, succeeded],
  )
  return rows[0] === undefined ? undefined : trialOf(rows[0])
}

/** Ends a running trial and takes its label away; undefined, and nothing changed, where it has ended. Call it under {@link lockCanary}. */
export async function updateEnded(
  tx: SqlTransaction,
  { tenantId, canaryId }: CanaryKey,
  status: CanaryEnd,
  endedBy: string,
): Promise<CanaryTrial | undefined> {
  const { rows } = await tx.query<CanaryRow>(
    `UPDATE prompt_canaries c SET status = $3, ended_at = clock_timestamp(), ended_by = $4
      WHERE c.tenant_id = $1 AND c.canary_id = $2 AND c.status = 'running' RETURNING ${COLUMNS}`,
    [tenantId, canaryId, status, endedBy],
  )
  const row = rows[0]
  if (row === undefined) return undefined
  await tx.query(`DELETE FROM prompt_labels WHERE tenant_id = $1 AND agent_role = $2 AND label = 'canary'`, [
    tenantId,
    row.agent_role,
  ])
  return trialOf(row)
}

/** Removes the outcomes of a role's ended trials: what was counted of them stays. */
export async function deleteOldOutcomes(
  tx: SqlTransaction,
  tenantId: string,
  agentRole: AgentRole,
): Promise<void> {
  await tx.query(
    `DELETE FROM prompt_canary_outcomes o USING prompt_canaries c
      WHERE c.tenant_id = $1 AND c.agent_role = $2 AND c.status <> 'running'
        AND o.tenant_id = c.tenant_id AND o.canary_id = c.canary_id`,
    [tenantId, agentRole],
  )
}

function trialOf(row: CanaryRow): CanaryTrial {
  const facts: CanaryFacts = {
    tenantId: row.tenant_id,
    canaryId: row.canary_id,
    agentRole: row.agent_role,
    version: row.version,
    contentSha256: row.content_sha256,
    baseVersion: row.base_version,
    policy: {
      shareMilli: row.share_milli,
      tasksWanted: row.tasks_wanted,
      maxTasks: row.max_tasks,
      toleratedRatioMilli: row.tolerated_ratio_milli,
      falseAlarmMilli: row.false_alarm_milli,
    },
    counts: {
      canaryTasks: row.canary_tasks,
      canaryFailures: row.canary_failures,
      productionTasks: row.production_tasks,
      productionFailures: row.production_failures,
    },
    startedBy: { id: row.started_by, kind: row.started_by_kind },
    startedAt: row.started_at,
  }
  if (row.status === 'running') return { ...facts, status: 'running' }
  if (row.ended_at === null) throw new Error(`the ended trial ${row.canary_id} has no end`)
  return { ...facts, status: row.status, endedAt: row.ended_at, endedBy: row.ended_by }
}
