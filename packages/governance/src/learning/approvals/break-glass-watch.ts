import { randomUUID } from 'node:crypto'
import type { SqlExecutor, SqlTransaction } from '@golden-arch/core/storage'
import { applyPromptUpdate } from '../apply-prompt-update.ts'
import { findChange, insertChange } from '../change-rows.ts'
import { lockRole, selectSituation } from '../learning-rows.ts'
import type { PromptChange } from '../prompt-change.ts'
import { findPrompt } from '../prompt-rows.ts'
import type { PromptUpdateKey } from '../prompt-update.ts'
import type { ResolvedPromptApprovalsOptions } from './prompt-approvals-options.ts'
import { GOVERNANCE } from './settle-update.ts'

/** A change to look at, and its place among all. */
export type WatchedChange = PromptUpdateKey & { readonly position: bigint }

const UNPAGED = "kind = 'break-glass' AND status = 'applied' AND paged_at IS NULL"
const ENDED = `kind = 'break-glass' AND status = 'applied' AND ended_at IS NULL AND expires_at <= clock_timestamp()`

/** Break-glass changes that nobody was paged about, or whose time is up. */
export async function selectWatched(
  executor: SqlExecutor,
  which: 'unpaged' | 'ended',
  after: bigint,
  limit: number,
): Promise<readonly WatchedChange[]> {
  const { rows } = await executor.query<{ tenant_id: string; update_id: string; position: bigint }>(
    `SELECT tenant_id, update_id, position FROM learning_history
      WHERE ${which === 'unpaged' ? UNPAGED : ENDED} AND position > $1::bigint ORDER BY position LIMIT $2::int`,
    [after, limit],
  )
  return rows.map((row) => ({ tenantId: row.tenant_id, updateId: row.update_id, position: row.position }))
}

/**
 * Pages about a broken glass, and notes that it did. A process that dies between the two pages again: twice, under one
 * key, is better than never.
 */
export async function pageBreakGlass(
  { database, alerts }: ResolvedPromptApprovalsOptions,
  change: PromptChange,
): Promise<void> {
  const { tenantId, updateId, agentRole, reason, contentSha256, targetVersion, proposedBy, expiresAt } =
    change
  alerts.raise({
    kind: 'learning.breakGlass',
    severity: 'critical',
    summary: `${proposedBy.id} changed the prompt of ${agentRole} past its limits and approvals: ${reason}`,
    tenantId,
    key: updateId,
    details: {
      updateId,
      agentRole,
      version: targetVersion,
      contentSha256,
      expiresAt: expiresAt?.toISOString() ?? null,
    },
  })
  await database.query(
    `UPDATE learning_history SET paged_at = clock_timestamp()
      WHERE tenant_id = $1 AND update_id = $2 AND paged_at IS NULL`,
    [tenantId, updateId],
  )
}

/**
 * Ends a broken glass whose time is up: the version before comes back as a rollback, unless something followed. False
 * where it has ended already.
 * @throws StorageError by code; then the transaction must roll back.
 */
export async function endBreakGlass(
  tx: SqlTransaction,
  options: ResolvedPromptApprovalsOptions,
  key: PromptUpdateKey,
): Promise<boolean> {
  const { tenantId, updateId } = key
  const change = await findChange(tx, key)
  if (change?.status !== 'applied' || change.baseVersion === null) return false
  const { agentRole, baseVersion, targetVersion } = change
  await lockRole(tx, tenantId, agentRole, options.lockTimeoutMs)
  const { now } = await selectSituation(tx, tenantId, agentRole)
  const { rowCount } = await tx.query(
    `UPDATE learning_history SET ended_at = $3::timestamptz
      WHERE tenant_id = $1 AND update_id = $2 AND ended_at IS NULL AND expires_at <= $3::timestamptz`,
    [tenantId, updateId, now],
  )
  if (rowCount === 0) return false
  if (!(await isStillInForce(tx, change))) return true
  const base = await findPrompt(tx, tenantId, agentRole, baseVersion)
  if (base === undefined) throw new Error(`the version before ${updateId} is gone`)
  const rollback = await insertChange(tx, {
    tenantId,
    // Nobody can take a random key before, and so keep the text in force.
    updateId: `break-glass-end-${randomUUID()}`,
    agentRole,
    kind: 'rollback',
    baseVersion: targetVersion,
    targetVersion: baseVersion,
    contentSha256: base.contentSha256,
    reason: `the time of ${updateId} is up`,
    proposedBy: GOVERNANCE,
    proposedAt: now,
    expiresAt: null,
    details: { breakGlass: updateId },
  })
  if (rollback === undefined) throw new Error('a random key is taken')
  await applyPromptUpdate(tx, options, rollback, { now, actor: GOVERNANCE, settledBy: null })
  return true
}

/** Whether nothing moved the label since, not even back to the same version. */
async function isStillInForce(tx: SqlTransaction, change: PromptUpdateKey): Promise<boolean> {
  const { rows } = await tx.query(
    `SELECT FROM learning_history h JOIN prompt_labels l USING (tenant_id, agent_role)
      WHERE h.tenant_id = $1 AND h.update_id = $2 AND l.label = 'production'
        AND l.version = h.target_version AND l.moved_at = h.applied_at`,
    [change.tenantId, change.updateId],
  )
  return rows.length > 0
}
