import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { PromptRole } from '../learning/prompt-role.ts'
import type { PatternUpdate, PatternUpdateFacts } from './pattern-update.ts'

interface UpdateRow {
  readonly tenant_id: string
  readonly update_id: string
  readonly agent_role: AgentRole
  readonly base_version: number
  readonly status: PatternUpdate['status']
  readonly content: string | null
  readonly reason: string
  readonly version: number | null
  readonly applied_at: Date | null
  readonly undone_from: number | null
  readonly undone_reason: string | null
}

const COLUMNS = `tenant_id, update_id, agent_role, base_version, status, content, reason, version, applied_at,
  undone_from, undone_reason`

/** Updates read at once. */
const MAX_UPDATES = 1000

/**
 * The updates of a tenant with one of the statuses, newest first, at most 1000; of those that are being proposed only
 * the ones claimed at least `claimedMs` milliseconds ago.
 */
export async function selectUpdates(
  executor: SqlExecutor,
  tenantId: string,
  statuses: readonly PatternUpdate['status'][],
  claimedMs = 0,
): Promise<PatternUpdate[]> {
  const { rows } = await executor.query<UpdateRow>(
    `SELECT ${COLUMNS} FROM pattern_updates WHERE tenant_id = $1 AND status = ANY($2::text[])
        AND (status <> 'proposing' OR claimed_at <= clock_timestamp() - $3::int * interval '1 millisecond')
      ORDER BY claimed_at DESC, update_id LIMIT ${MAX_UPDATES}`,
    [tenantId, statuses, claimedMs],
  )
  return rows.map(updateOf)
}

/** Whether a role is to be left alone: it has an open update, one is being undone, or this base was refused lately. */
export async function isRoleBusy(
  executor: SqlExecutor,
  { tenantId, agentRole }: PromptRole,
  baseVersion: number,
): Promise<boolean> {
  const { rows } = await executor.query<{ is_busy: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM pattern_updates WHERE tenant_id = $1 AND agent_role = $2
        AND (status IN ('proposing', 'pending', 'rolling-back')
             OR (status = 'refused' AND base_version = $3::int AND not_before > clock_timestamp()))) AS is_busy`,
    [tenantId, agentRole, baseVersion],
  )
  return rows[0]?.is_busy === true
}

/** Claims a role for an update; false, and nothing changed, where another supervisor did. Forgets what was refused. */
export async function insertClaim(
  tx: SqlTransaction,
  update: PatternUpdateFacts & { readonly content: string },
): Promise<boolean> {
  const { tenantId, updateId, agentRole, baseVersion, content, reason } = update
  const refused =
    "DELETE FROM pattern_updates WHERE tenant_id = $1 AND agent_role = $2 AND status = 'refused'"
  await tx.query(refused, [tenantId, agentRole])
  const { rowCount } = await tx.query(
    `INSERT INTO pattern_updates (tenant_id, update_id, agent_role, base_version, status, content, reason)
     SELECT $1, $2, $3, $4::int, 'proposing', $5, $6
      WHERE NOT EXISTS (SELECT 1 FROM pattern_updates
                         WHERE tenant_id = $1 AND agent_role = $3 AND status = 'rolling-back')
     ON CONFLICT DO NOTHING`,
    [tenantId, updateId, agentRole, baseVersion, content, reason],
  )
  return rowCount === 1
}

/** What an update becomes. */
export type UpdateChange =
  | { readonly status: 'pending' | 'dropped' | 'rolled-back' }
  | { readonly status: 'applied'; readonly version: number; readonly appliedAt: Date }
  | { readonly status: 'refused'; readonly notBefore: Date | null; readonly retryAfterHours: number }
  | { readonly status: 'rolling-back'; readonly undoneFrom: number; readonly undoneReason: string }

/** Changes an update that has one of the statuses `from`; undefined, and nothing changed, where it has another. */
export async function updateStatus(
  tx: SqlTransaction,
  { tenantId, updateId }: { readonly tenantId: string; readonly updateId: string },
  from: readonly PatternUpdate['status'][],
  change: UpdateChange,
): Promise<Date | undefined> {
  const isApplied = change.status === 'applied'
  const isUndone = change.status === 'rolling-back'
  const isRefused = change.status === 'refused'
  const { rows } = await tx.query<{ now: Date }>(
    `UPDATE pattern_updates
        SET status = $4,
            content = CASE WHEN $4 = 'pending' THEN content END,
            version = coalesce($5::int, version),
            applied_at = coalesce($6::timestamptz, applied_at),
            not_before = CASE WHEN $4 = 'refused'
              THEN coalesce($7::timestamptz, clock_timestamp() + $8::int * interval '1 hour') END,
            undone_from = coalesce($9::int, undone_from),
            undone_reason = coalesce($10, undone_reason)
      WHERE tenant_id = $1 AND update_id = $2 AND status = ANY($3::text[])
      RETURNING clock_timestamp() AS now`,
    [
      tenantId,
      updateId,
      from,
      change.status,
      isApplied ? change.version : null,
      isApplied ? change.appliedAt : null,
      isRefused ? change.notBefore : null,
      isRefused ? change.retryAfterHours : null,
      isUndone ? change.undoneFrom : null,
      isUndone ? change.undoneReason : null,
    ],
  )
  return rows[0]?.now
}

function updateOf(row: UpdateRow): PatternUpdate {
  const facts: PatternUpdateFacts = {
    tenantId: row.tenant_id,
    updateId: row.update_id,
    agentRole: row.agent_role,
    baseVersion: row.base_version,
    reason: row.reason,
  }
  const { status, content, version, applied_at: appliedAt } = row
  if ((status === 'proposing' || status === 'pending') && content !== null)
    return { ...facts, status, content }
  if (version !== null && appliedAt !== null) {
    if (status === 'applied') return { ...facts, status, version, appliedAt }
    if (status === 'rolling-back' && row.undone_from !== null && row.undone_reason !== null) {
      return {
        ...facts,
        status,
        version,
        appliedAt,
        undoneFrom: row.undone_from,
        undoneReason: row.undone_reason,
      }
    }
  }
  throw new Error(`the update ${row.update_id} is not as its status says`)
}
