import { jsonText, type SqlExecutor, type SqlTransaction } from '@golden-arch/core/storage'
import type { AppliedStep } from './decide-step-back.ts'
import type { PromptChange, PromptChangeFacts, PromptSettlement } from './prompt-change.ts'
import type { PromptUpdateKey } from './prompt-update.ts'

/** A row of `learning_history`, as the columns of {@link CHANGE_COLUMNS} give it. */
export interface ChangeRow {
  readonly tenant_id: string
  readonly update_id: string
  readonly agent_role: PromptChangeFacts['agentRole']
  readonly kind: PromptChangeFacts['kind']
  readonly status: PromptChange['status']
  readonly base_version: number | null
  readonly target_version: number
  readonly content_sha256: string
  readonly reason: string
  readonly proposed_by: string
  readonly proposed_by_kind: PromptChangeFacts['proposedBy']['kind']
  readonly proposed_at: Date
  readonly expires_at: Date | null
  readonly decided_by: string | null
  readonly decided_at: Date | null
  readonly notes: string | null
  readonly details: Record<string, unknown>
  readonly applied_at: Date | null
  readonly position: bigint
}

/** What a {@link ChangeRow} is read by. */
export const CHANGE_COLUMNS = `tenant_id, update_id, agent_role, kind, status, base_version, target_version, content_sha256,
  reason, proposed_by, proposed_by_kind, proposed_at, expires_at, decided_by, decided_at, notes, details, applied_at, position`

/** Adds a change that waits; undefined, and nothing changed, where its key is taken. */
export async function insertChange(
  tx: SqlTransaction,
  change: Omit<PromptChangeFacts, 'position'>,
): Promise<PromptChange | undefined> {
  const { rows } = await tx.query<ChangeRow>(
    `INSERT INTO learning_history (tenant_id, update_id, agent_role, kind, base_version, target_version, content_sha256,
       reason, proposed_by, proposed_by_kind, proposed_at, expires_at, details)
     VALUES ($1, $2, $3, $4, $5::int, $6::int, $7, $8, $9, $10, $11::timestamptz, $12::timestamptz, $13::jsonb)
     ON CONFLICT (tenant_id, update_id) DO NOTHING RETURNING ${CHANGE_COLUMNS}`,
    [
      change.tenantId,
      change.updateId,
      change.agentRole,
      change.kind,
      change.baseVersion,
      change.targetVersion,
      change.contentSha256,
      change.reason,
      change.proposedBy.id,
      change.proposedBy.kind,
      change.proposedAt,
      change.expiresAt,
      jsonText(change.details),
    ],
    { prepareAs: 'learning-change-insert' },
  )
  return rows[0] === undefined ? undefined : changeOf(rows[0])
}

/** Reads a change; undefined where there is none. */
export async function findChange(
  executor: SqlExecutor,
  { tenantId, updateId }: PromptUpdateKey,
): Promise<PromptChange | undefined> {
  const { rows } = await executor.query<ChangeRow>(
    `SELECT ${CHANGE_COLUMNS} FROM learning_history WHERE tenant_id = $1 AND update_id = $2`,
    [tenantId, updateId],
    { prepareAs: 'learning-change' },
  )
  return rows[0] === undefined ? undefined : changeOf(rows[0])
}

/** All changes of a role that were applied, oldest first: in the order of their positions, as what waits falls with its base. */
export async function selectSteps(
  executor: SqlExecutor,
  tenantId: string,
  agentRole: string,
): Promise<readonly AppliedStep[]> {
  type Row = Pick<ChangeRow, 'kind' | 'base_version' | 'target_version' | 'proposed_by_kind'>
  const { rows } = await executor.query<Row>(
    `SELECT kind, base_version, target_version, proposed_by_kind FROM learning_history
      WHERE tenant_id = $1 AND agent_role = $2 AND status = 'applied' ORDER BY position`,
    [tenantId, agentRole],
  )
  return rows.map((row) => ({
    kind: row.kind,
    baseVersion: row.base_version,
    targetVersion: row.target_version,
    proposedByKind: row.proposed_by_kind,
  }))
}

/** Whether a change that waits has waited too long, though nobody may have written that down; one with all its approvals has not. */
export async function isExpired(
  executor: SqlExecutor,
  { tenantId, updateId }: PromptUpdateKey,
): Promise<boolean> {
  const { rowCount } = await executor.query(
    'SELECT 1 FROM pending_prompt_updates WHERE tenant_id = $1 AND update_id = $2 AND is_expired',
    [tenantId, updateId],
  )
  return rowCount > 0
}

/** The change that a row holds. */
export function changeOf(row: ChangeRow): PromptChange {
  const facts: PromptChangeFacts = {
    tenantId: row.tenant_id,
    updateId: row.update_id,
    agentRole: row.agent_role,
    kind: row.kind,
    baseVersion: row.base_version,
    targetVersion: row.target_version,
    contentSha256: row.content_sha256,
    reason: row.reason,
    proposedBy: { id: row.proposed_by, kind: row.proposed_by_kind },
    proposedAt: row.proposed_at,
    expiresAt: row.expires_at,
    details: row.details,
    position: String(row.position),
  }
  const settled = settlementOf(row)
  if (row.applied_at !== null) return { ...facts, status: 'applied', appliedAt: row.applied_at, settled }
  if (row.status === 'applied') throw new Error(`the applied change ${row.update_id} has no time`)
  if (row.status !== 'rejected') return { ...facts, status: row.status }
  if (settled === null) throw new Error(`nobody rejected the rejected change ${row.update_id}`)
  return { ...facts, status: 'rejected', settled }
}

function settlementOf({ decided_by, decided_at, notes }: ChangeRow): PromptSettlement | null {
  return decided_by === null || decided_at === null ? null : { by: decided_by, at: decided_at, notes }
}
