import type { SqlExecutor, SqlResult, SqlTransaction } from '@golden-arch/core/storage'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'
import {
  type AppliedChange,
  COOLING_CHANGES,
  COUNTED_CHANGES,
  type LearningSituation,
  type PromptChangeKind,
} from './decide-learning.ts'
import { LearningError } from './learning-error.ts'
import type { LearningRules } from './learning-rules.ts'

/** A version of a prompt, without its text. */
export interface VersionInForce {
  readonly version: number
  readonly contentSha256: string
}

/** All that a decision on a role's prompt looks at, as one statement read it. */
export interface RoleSituation extends LearningSituation {
  /** The version with the label `production`; null before the first. */
  readonly inForce: VersionInForce | null
  /** Proposals of the role that wait and have not expired. */
  readonly pendingCount: number
}

interface SituationRow {
  readonly now: Date
  readonly agent_role: AgentRole
  readonly max_updates_per_day: number
  readonly cooldown_hours: number
  readonly requires_approval: boolean
  readonly day: LearningRules['day']
  readonly required_approvals: number
  readonly requires_notes: boolean
  readonly proposal_ttl_hours: number
  readonly is_frozen: boolean
  readonly pending_count: number
  readonly counted_kinds: readonly PromptChangeKind[]
  readonly counted_at: readonly Date[]
  readonly last_kind: PromptChangeKind | null
  readonly last_at: Date | null
  readonly version: number | null
  readonly content_sha256: string | null
}

const SITUATION = `
  WITH clock AS MATERIALIZED (SELECT coalesce($5::timestamptz, clock_timestamp()) AS now)
  SELECT clock.now, g.agent_role, g.max_updates_per_day, g.cooldown_hours, g.requires_approval, g.day,
         g.required_approvals, g.requires_notes, g.proposal_ttl_hours,
         EXISTS (SELECT FROM learning_freezes f
                  WHERE f.tenant_id = $1 AND f.agent_role = g.agent_role AND f.acknowledged_at IS NULL) AS is_frozen,
         (SELECT count(*)::int FROM learning_history h
           WHERE h.tenant_id = $1 AND h.agent_role = g.agent_role AND h.status = 'pending'
             AND (h.expires_at IS NULL OR h.expires_at > clock.now)) AS pending_count,
         day.kinds AS counted_kinds, day.times AS counted_at, last.kind AS last_kind, last.applied_at AS last_at,
         p.version, p.content_sha256
    FROM clock CROSS JOIN learning_governance g
   CROSS JOIN LATERAL (
     SELECT coalesce(array_agg(h.kind ORDER BY h.position), '{}') AS kinds,
            coalesce(array_agg(h.applied_at ORDER BY h.position), '{}') AS times
       FROM learning_history h
      WHERE h.tenant_id = $1 AND h.agent_role = g.agent_role AND h.kind = ANY ($3::text[])
        AND h.applied_at > clock.now - interval '24 hours') AS day
    LEFT JOIN LATERAL (
     SELECT h.kind, h.applied_at FROM learning_history h
      WHERE h.tenant_id = $1 AND h.agent_role = g.agent_role AND h.kind = ANY ($4::text[]) AND h.applied_at IS NOT NULL
      ORDER BY h.applied_at DESC LIMIT 1) AS last ON true
    LEFT JOIN prompt_labels l ON l.tenant_id = $1 AND l.agent_role = g.agent_role AND l.label = 'production'
    LEFT JOIN prompts p ON p.tenant_id = $1 AND p.agent_role = g.agent_role AND p.version = l.version
   WHERE g.agent_role = $2 OR $2 IS NULL
   ORDER BY g.agent_role`

/**
 * Waits until nobody else decides on the role's prompt, until `tx` ends. What decides must be read in a later
 * statement, so that it is not from before the wait.
 * @throws StorageError `LOCK_TIMEOUT` after `timeoutMs`; others by code.
 */
export async function lockRole(
  tx: SqlTransaction,
  tenantId: string,
  agentRole: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const values = [tenantId, agentRole, timeoutMs]
  const options = { prepareAs: 'learning-lock', signal }
  await tx.query('SELECT learning_lock($1, $2, $3::int)', values, options)
}

/** Reads what decides on a role's prompt, with the database's clock; undefined where there are no rules for the role. */
export async function findSituation(
  executor: SqlExecutor,
  tenantId: string,
  agentRole: string,
): Promise<RoleSituation | undefined> {
  const { rows } = await selectSituationRows(executor, tenantId, agentRole)
  return rows[0] === undefined ? undefined : fromRow(rows[0])
}

/**
 * Reads what decides on a role's prompt, with the database's clock.
 * @throws LearningError `LEARNING_UNKNOWN_ROLE`; StorageError by code.
 */
export async function selectSituation(
  executor: SqlExecutor,
  tenantId: string,
  agentRole: string,
): Promise<RoleSituation> {
  const situation = await findSituation(executor, tenantId, agentRole)
  if (situation !== undefined) return situation
  throw unknownRole(tenantId, agentRole)
}

/** The error for a role without rules. */
export function unknownRole(tenantId: string, agentRole: string): LearningError {
  return new LearningError({
    code: 'LEARNING_UNKNOWN_ROLE',
    message: `there are no rules for the role ${agentRole}; roles are ${AGENT_ROLES.join(', ')}`,
    details: { tenantId, agentRole },
  })
}

/** Reads what decides on the prompt of each role, at one instant: `at`, by default the database's clock. */
export async function selectSituations(
  executor: SqlExecutor,
  tenantId: string,
  at: Date | null = null,
): Promise<readonly RoleSituation[]> {
  const { rows } = await selectSituationRows(executor, tenantId, null, at)
  return rows.map(fromRow)
}

function selectSituationRows(
  executor: SqlExecutor,
  tenantId: string,
  agentRole: string | null,
  at: Date | null = null,
): Promise<SqlResult<SituationRow>> {
  const values = [tenantId, agentRole, COUNTED_CHANGES, COOLING_CHANGES, at]
  return executor.query<SituationRow>(SITUATION, values, { prepareAs: 'learning-situation' })
}

function fromRow(row: SituationRow): RoleSituation {
  const counted = row.counted_at.map((appliedAt, index): AppliedChange => {
    const kind = row.counted_kinds[index]
    if (kind === undefined) throw new Error('two arrays of one aggregation differ in length')
    return { kind, appliedAt }
  })
  const last =
    row.last_kind === null || row.last_at === null ? [] : [{ kind: row.last_kind, appliedAt: row.last_at }]
  const isCounted = last.some((one) => COUNTED_CHANGES.includes(one.kind)) && counted.length > 0
  return {
    rules: {
      agentRole: row.agent_role,
      maxUpdatesPerDay: row.max_updates_per_day,
      cooldownHours: row.cooldown_hours,
      requiresApproval: row.requires_approval,
      day: row.day,
      requiredApprovals: row.required_approvals,
      requiresNotes: row.requires_notes,
      proposalTtlHours: row.proposal_ttl_hours,
    },
    history: isCounted ? counted : [...counted, ...last],
    isFrozen: row.is_frozen,
    now: row.now,
    inForce:
      row.version === null || row.content_sha256 === null
        ? null
        : { version: row.version, contentSha256: row.content_sha256 },
    pendingCount: row.pending_count,
  }
}
