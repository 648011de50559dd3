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
 * Ends a broken glass whose time is up: what was in force before comes back as a rollback, unless something followed that
 * stays. Neither the text of another whose time is up comes back, nor does what put one back count as following. False
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
  const { agentRole } = change
  await lockRole(tx, tenantId, agentRole, options.lockTimeoutMs)
  const { now } = await selectSituation(tx, tenantId, agentRole)
  const { rowCount } = await tx.query(
    `UPDATE learning_history SET ended_at = $3::timestamptz
      WHERE tenant_id = $1 AND update_id = $2 AND ended_at IS NULL AND expires_at <= $3::timestamptz`,
    [tenantId, updateId, now],
  )
  if (rowCount === 0) return false
  const wayBack = await findWayBack(tx, change, now)
  if (wayBack === undefined) return true
  const { fromVersion, toVersion, leftId, lastId } = wayBack
  const base = await findPrompt(tx, tenantId, agentRole, toVersion)
  if (base === undefined) throw new Error(`the version before ${leftId} is gone`)
  const rollback = await insertChange(tx, {
    tenantId,
    // Nobody can take a random key before, and so keep the text in force.
    updateId: `break-glass-end-${randomUUID()}`,
    agentRole,
    kind: 'rollback',
    baseVersion: fromVersion,
    targetVersion: toVersion,
    contentSha256: base.contentSha256,
    reason: `the time of ${leftId} is up`,
    proposedBy: GOVERNANCE,
    proposedAt: now,
    expiresAt: null,
    details: { breakGlass: lastId },
  })
  if (rollback === undefined) throw new Error('a random key is taken')
  await applyPromptUpdate(tx, options, rollback, { now, actor: GOVERNANCE, settledBy: null })
  return true
}

/** From what is in force to what stays. */
interface WayBack {
  readonly fromVersion: number
  readonly toVersion: number
  /** The broken glass whose text is left. */
  readonly leftId: string
  /** The one before which the other version was in force. */
  readonly lastId: string
}

/**
 * Goes back from the version in force, change by change, for as long as a change is a broken glass whose time is up, or put
 * back what was before one. A role's changes are applied in the order of their positions: what waits falls with its base.
 */
const WAY_BACK = `
  WITH RECURSIVE back (version, update_id, position) AS (
    SELECT l.version, '', 9223372036854775807
      FROM prompt_labels l
     WHERE l.tenant_id = $1 AND l.agent_role = $2 AND l.label = 'production'
       -- Moved by hand, it is left where it is.
       AND l.moved_at = (SELECT h.applied_at FROM learning_history h
                          WHERE h.tenant_id = $1 AND h.agent_role = $2 AND h.status = 'applied'
                          ORDER BY h.position DESC LIMIT 1)
    UNION ALL
    SELECT ended.base_version, ended.update_id, ended.position
      FROM back b
     CROSS JOIN LATERAL (
       SELECT h.update_id, h.kind, h.target_version, h.details, h.position FROM learning_history h
        WHERE h.tenant_id = $1 AND h.agent_role = $2 AND h.status = 'applied' AND h.position < b.position
        ORDER BY h.position DESC LIMIT 1) AS last
      JOIN learning_history ended ON ended.tenant_id = $1
       AND ended.update_id = CASE last.kind WHEN 'break-glass' THEN last.update_id
                                            WHEN 'rollback' THEN last.details ->> 'breakGlass' END
     WHERE last.target_version = b.version AND ended.position <= last.position AND ended.base_version IS NOT NULL
       AND (last.kind = 'rollback' OR ended.ended_at IS NOT NULL OR ended.expires_at <= $3::timestamptz)
  )
  SELECT version, update_id FROM back ORDER BY position DESC`

/** Undefined where what is in force stays. */
async function findWayBack(
  tx: SqlTransaction,
  { tenantId, agentRole }: PromptChange,
  now: Date,
): Promise<WayBack | undefined> {
  const { rows } = await tx.query<{ version: number; update_id: string }>(WAY_BACK, [
    tenantId,
    agentRole,
    now,
  ])
  const inForce = rows[0]
  const stays = rows.at(-1)
  const left = rows.find(({ version }) => version !== inForce?.version)
  if (inForce === undefined || stays === undefined || left === undefined) return undefined
  if (stays.version === inForce.version) return undefined
  return {
    fromVersion: inForce.version,
    toVersion: stays.version,
    leftId: left.update_id,
    lastId: stays.update_id,
  }
}
