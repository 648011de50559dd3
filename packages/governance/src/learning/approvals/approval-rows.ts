import { requireTenantId } from '@golden-arch/core/errors'
import {
  type Page,
  type PageOptions,
  pageBounds,
  pageOf,
  type SqlExecutor,
  type SqlTransaction,
} from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { PromptUpdateKey } from '../prompt-update.ts'
import type { HeldReason } from './decide-application.ts'
import type { Approval } from './decide-approval.ts'

/** An approval as it is stored. */
export interface StoredApproval extends Approval {
  readonly notes: string | null
  readonly approvedAt: Date
}

/** A proposal that waits: for people, or, once it has all its approvals, to be applied. */
export interface PendingUpdate extends PromptUpdateKey {
  readonly agentRole: AgentRole
  /** The version in force when it was proposed; null for a role's first prompt. */
  readonly baseVersion: number | null
  readonly targetVersion: number
  /** What an approval must name. */
  readonly contentSha256: string
  readonly reason: string
  readonly proposedBy: string
  readonly proposedAt: Date
  readonly expiresAt: Date | null
  /** People who have approved this content. */
  readonly approvals: number
  readonly requiredApprovals: number
  /** What was in the way when it was last tried with all its approvals; null where it was not. */
  readonly heldBy: HeldReason | null
}

/** Which pending proposals are wanted. */
export interface PendingListOptions extends PageOptions {
  readonly tenantId: string
  /** Those that wait for people, or those that wait to be applied. Default both. */
  readonly awaiting?: 'approvals' | 'application' | undefined
}

interface PendingRow {
  readonly tenant_id: string
  readonly update_id: string
  readonly agent_role: AgentRole
  readonly base_version: number | null
  readonly target_version: number
  readonly content_sha256: string
  readonly reason: string
  readonly proposed_by: string
  readonly proposed_at: Date
  readonly expires_at: Date | null
  readonly approvals: number
  readonly required_approvals: number
  readonly held_by: HeldReason | null
  readonly position: bigint
}

/** The approvals of a proposal, the last one last. */
export async function selectApprovals(
  executor: SqlExecutor,
  { tenantId, updateId }: PromptUpdateKey,
): Promise<readonly StoredApproval[]> {
  const { rows } = await executor.query<{
    readonly approver: string
    readonly content_sha256: string
    readonly notes: string | null
    readonly approved_at: Date
  }>(
    `SELECT approver, content_sha256, notes, approved_at FROM learning_approvals
      WHERE tenant_id = $1 AND update_id = $2 ORDER BY position`,
    [tenantId, updateId],
  )
  return rows.map((row) => ({
    approver: row.approver,
    contentSha256: row.content_sha256,
    notes: row.notes,
    approvedAt: row.approved_at,
  }))
}

/** Adds a person's approval; one of another content gives way. */
export async function upsertApproval(
  tx: SqlTransaction,
  { tenantId, updateId }: PromptUpdateKey,
  { approver, contentSha256, notes, approvedAt }: StoredApproval,
): Promise<void> {
  await tx.query(
    `INSERT INTO learning_approvals (tenant_id, update_id, approver, content_sha256, notes, approved_at)
     VALUES ($1, $2, $3, $4, $5, $6::timestamptz)
     ON CONFLICT (tenant_id, update_id, approver) DO UPDATE
        SET content_sha256 = EXCLUDED.content_sha256, notes = EXCLUDED.notes, approved_at = EXCLUDED.approved_at`,
    [tenantId, updateId, approver, contentSha256, notes, approvedAt],
  )
}

/** Settles a pending proposal by a person's rejection. */
export async function rejectUpdate(
  tx: SqlTransaction,
  { tenantId, updateId }: PromptUpdateKey,
  settled: { readonly by: string; readonly at: Date; readonly notes: string | null },
): Promise<void> {
  await tx.query(
    `UPDATE learning_history SET status = 'rejected', decided_by = $3, decided_at = $4::timestamptz, notes = $5
      WHERE tenant_id = $1 AND update_id = $2 AND status = 'pending'`,
    [tenantId, updateId, settled.by, settled.at, settled.notes],
  )
}

/** Marks a pending proposal as fallen. */
export async function letUpdateFall(
  tx: SqlTransaction,
  { tenantId, updateId }: PromptUpdateKey,
  status: 'expired' | 'stale',
): Promise<void> {
  await tx.query(
    `UPDATE learning_history SET status = $3 WHERE tenant_id = $1 AND update_id = $2 AND status = 'pending'`,
    [tenantId, updateId, status],
  )
}

/** Notes what is in the way of a proposal; false where the same is noted already. */
export async function holdUpdate(
  tx: SqlTransaction,
  { tenantId, updateId }: PromptUpdateKey,
  reason: HeldReason,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE learning_history SET held_by = $3
      WHERE tenant_id = $1 AND update_id = $2 AND held_by IS DISTINCT FROM $3`,
    [tenantId, updateId, reason],
  )
  return rowCount > 0
}

/** Reads a page of what waits and has not expired, oldest first. @throws InvalidOptionError `INVALID_OPTION`. */
export async function selectPending(
  executor: SqlExecutor,
  options: PendingListOptions,
): Promise<Page<PendingUpdate>> {
  const { limit, position } = pageBounds(options)
  const isApproved = options.awaiting === undefined ? null : options.awaiting === 'application'
  const { rows } = await executor.query<PendingRow>(
    `SELECT tenant_id, update_id, agent_role, base_version, target_version, content_sha256, reason, proposed_by,
            proposed_at, expires_at, approvals, required_approvals, held_by, position
       FROM pending_prompt_updates
      WHERE tenant_id = $1 AND position > $2::bigint AND is_expired IS NOT TRUE
        AND ($3::boolean IS NULL OR is_approved = $3)
      ORDER BY position LIMIT $4::int`,
    [requireTenantId(options.tenantId), position ?? 0n, isApproved, limit + 1],
  )
  return pageOf(rows, limit, pendingOf, (row) => row.position)
}

/** How many proposals of a tenant wait for people. */
export async function countPending(executor: SqlExecutor, tenantId: string): Promise<number> {
  const { rows } = await executor.query<{ readonly count: number }>(
    `SELECT count(*)::int AS count FROM pending_prompt_updates
      WHERE tenant_id = $1 AND NOT is_approved AND is_expired IS NOT TRUE`,
    [tenantId],
  )
  return rows[0]?.count ?? 0
}

/** What the system has to look at: proposals with all their approvals, or those that have expired. */
export async function selectDue(
  executor: SqlExecutor,
  which: 'approved' | 'expired',
  after: bigint,
  limit: number,
): Promise<readonly (PromptUpdateKey & { readonly position: bigint })[]> {
  const { rows } = await executor.query<Pick<PendingRow, 'tenant_id' | 'update_id' | 'position'>>(
    `SELECT tenant_id, update_id, position FROM pending_prompt_updates
      WHERE position > $1::bigint AND ${which === 'approved' ? 'is_approved' : 'is_expired'}
      ORDER BY position LIMIT $2::int`,
    [after, limit],
  )
  return rows.map((row) => ({ tenantId: row.tenant_id, updateId: row.update_id, position: row.position }))
}

/** Proposals that were rejected or expired while their text was, and still is, on trial. */
export async function selectRefusedOnTrial(
  executor: SqlExecutor,
  after: bigint,
  limit: number,
): Promise<readonly (PromptUpdateKey & { readonly position: bigint })[]> {
  const { rows } = await executor.query<Pick<PendingRow, 'tenant_id' | 'update_id' | 'position'>>(
    `SELECT h.tenant_id, h.update_id, h.position FROM prompt_canaries c
       JOIN learning_history h ON h.tenant_id = c.tenant_id AND h.agent_role = c.agent_role
        AND h.target_version = c.version AND h.base_version = c.base_version AND h.kind = 'update'
      WHERE c.status = 'running' AND h.position > $1::bigint
        AND (h.status = 'rejected' AND h.decided_at >= c.started_at OR h.status = 'expired' AND h.expires_at >= c.started_at)
      ORDER BY h.position LIMIT $2::int`,
    [after, limit],
  )
  return rows.map((row) => ({ tenantId: row.tenant_id, updateId: row.update_id, position: row.position }))
}

function pendingOf(row: PendingRow): PendingUpdate {
  return {
    tenantId: row.tenant_id,
    updateId: row.update_id,
    agentRole: row.agent_role,
    baseVersion: row.base_version,
    targetVersion: row.target_version,
    contentSha256: row.content_sha256,
    reason: row.reason,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at,
    expiresAt: row.expires_at,
    approvals: row.approvals,
    requiredApprovals: row.required_approvals,
    heldBy: row.held_by,
  }
}
