import type { Actor, AuditLog } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { MessageHeaders } from '../message-headers.ts'
import type { DeadLetterStatus, TenantScope } from './dead-letter.ts'
import { auditEntryOf } from './dead-letter-audit.ts'
import { tenantOf } from './dead-letter-rows.ts'
import { conditionOf, type DeadLetterFilter } from './find-dead-letters.ts'
import { redriveMessageId } from './redrive-message-id.ts'

/** A dead letter that one redriver has, ready to be published. */
export interface ClaimedDeadLetter {
  readonly dlqId: string
  readonly subject: string
  readonly count: number
  readonly messageId: string
  readonly payload: Uint8Array
  readonly headers: MessageHeaders
  /** Whether an earlier redriver had begun with it, and may have published it. */
  readonly isTakenUp: boolean
}

/** Why a dead letter is not redriven. */
export type RedriveObstacle = 'not-found' | 'already-settled' | 'busy' | 'payload-missing'

/** One dead letter as it stands. */
export interface RedriveState {
  readonly dlqId: string
  readonly status: DeadLetterStatus
  readonly isLeased: boolean
  readonly isPayloadMissing: boolean
  readonly originalSubject: string
}

/** Whether a dead letter can be redriven, and if not, why. One whose redriver was lost can. */
export function redriveObstacle(state: RedriveState | undefined): RedriveObstacle | null {
  if (state === undefined) return 'not-found'
  if (state.status === 'redriven' || state.status === 'resolved') return 'already-settled'
  if (state.status === 'redriving' && state.isLeased) return 'busy'
  return state.isPayloadMissing ? 'payload-missing' : null
}

interface StateRow {
  readonly dlq_id: bigint
  readonly tenant_id: string | null
  readonly status: DeadLetterStatus
  readonly is_leased: boolean
  readonly payload_missing: boolean
  readonly original_subject: string
}

const STATE = `d.dlq_id, d.tenant_id, d.status, d.payload_missing, d.original_subject,
  coalesce(d.redrive_until > clock_timestamp(), false) AS is_leased`

/** How these dead letters stand, by id. */
export async function readRedriveStates(
  database: SqlDatabase,
  scope: TenantScope,
  dlqIds: readonly string[],
): Promise<ReadonlyMap<string, RedriveState>> {
  const { rows } = await database.query<StateRow>(
    `SELECT ${STATE} FROM dlq_messages d
      WHERE d.dlq_id = ANY($1::bigint[]) AND ($2::text IS NULL OR d.tenant_id = $2::text)`,
    [dlqIds, tenantOf(scope)],
  )
  return new Map(rows.map(stateOf).map((state) => [state.dlqId, state]))
}

/** Ids of those that can be redriven and fit, oldest first; one more than `limit` tells that there are more. */
export async function findRedrivable(
  database: SqlDatabase,
  filter: DeadLetterFilter & TenantScope,
  limit: number,
): Promise<readonly string[]> {
  const condition = conditionOf(filter, 2)
  const { rows } = await database.query<{ dlq_id: bigint }>(
    `SELECT d.dlq_id FROM dlq_messages d
      WHERE d.status IN ('open', 'redriving') AND NOT d.payload_missing
        AND (d.redrive_until IS NULL OR d.redrive_until <= clock_timestamp()) AND ${condition.text}
      ORDER BY d.dlq_id LIMIT $1::int`,
    [limit + 1, ...condition.values],
  )
  return rows.map((row) => String(row.dlq_id))
}

/** What a claim is made with. */
export interface ClaimOptions {
  readonly actor: Actor
  /** Subject to publish under; null: the original one. A redrive that was begun keeps its own. */
  readonly to: string | null
  readonly leaseMs: number
}

/**
 * Takes dead letters for publication and writes the audit entries, in one transaction. One whose redriver was lost is
 * taken up under the message id that was begun, so that the broker drops what had arrived. Gives what was taken; the
 * others are missing.
 */
export async function claimForRedrive(
  database: SqlDatabase,
  audit: AuditLog | null,
  scope: TenantScope,
  dlqIds: readonly string[],
  { actor, to, leaseMs }: ClaimOptions,
): Promise<readonly ClaimedDeadLetter[]> {
  return database.transaction(async (tx) => {
    const { rows: locked } = await tx.query<StateRow>(
      `SELECT ${STATE} FROM dlq_messages d
        WHERE d.dlq_id = ANY($1::bigint[]) AND ($2::text IS NULL OR d.tenant_id = $2::text)
        ORDER BY d.dlq_id FOR UPDATE`,
      [dlqIds, tenantOf(scope)],
    )
    const free = locked.filter((row) => redriveObstacle(stateOf(row)) === null)
    const takenUp = new Set(free.filter((row) => row.status === 'redriving').map((row) => row.dlq_id))
    const { rows } = await tx.query<{
      dlq_id: bigint
      tenant_id: string | null
      redrive_subject: string
      redrive_count: number
      payload: Uint8Array
      headers: MessageHeaders
    }>(
      `UPDATE dlq_messages d
          SET status = 'redriving', redrive_until = clock_timestamp() + $3::bigint * interval '1 millisecond',
              redrive_count = d.redrive_count + CASE WHEN d.status = 'open' THEN 1 ELSE 0 END,
              redrive_subject = CASE WHEN d.status = 'open' THEN coalesce($2::text, d.original_subject)
                                     ELSE d.redrive_subject END
        WHERE d.dlq_id = ANY($1::bigint[])
        RETURNING d.dlq_id, d.tenant_id, d.redrive_subject, d.redrive_count, d.payload, d.headers`,
      [free.map((row) => row.dlq_id), to, leaseMs],
    )
    for (const row of rows) {
      const letter = { dlqId: String(row.dlq_id), tenantId: row.tenant_id }
      const details = { subject: row.redrive_subject, count: row.redrive_count }
      await audit?.append(tx, auditEntryOf(actor, 'deadLetter.redrive', letter, details))
    }
    return rows.map((row) => ({
      dlqId: String(row.dlq_id),
      subject: row.redrive_subject,
      count: row.redrive_count,
      messageId: redriveMessageId(String(row.dlq_id), row.redrive_count),
      payload: row.payload,
      headers: row.headers,
      isTakenUp: takenUp.has(row.dlq_id),
    }))
  })
}

/** How a publication ended: stored, certainly not stored, or nobody knows. */
export interface RedriveEnd {
  readonly claimed: ClaimedDeadLetter
  readonly outcome: 'stored' | 'refused' | 'unknown'
}

/** Writes down how publications ended. What is unknown may be taken up at once, under the same message id, or settled. */
export async function settleRedrives(
  database: SqlDatabase,
  ends: readonly RedriveEnd[],
  actor: Actor,
): Promise<void> {
  if (ends.length === 0) return
  await database.query(
    `UPDATE dlq_messages d
        SET status = CASE e.outcome WHEN 'stored' THEN 'redriven' WHEN 'refused' THEN 'open' ELSE 'redriving' END,
            redrive_until = CASE e.outcome WHEN 'unknown' THEN clock_timestamp() END,
            resolved_by = CASE e.outcome WHEN 'stored' THEN $4::text END,
            resolved_at = CASE e.outcome WHEN 'stored' THEN clock_timestamp() END
       FROM unnest($1::bigint[], $2::int[], $3::text[]) AS e (dlq_id, redrive_count, outcome)
      WHERE d.dlq_id = e.dlq_id AND d.redrive_count = e.redrive_count AND d.status = 'redriving'`,
    [
      ends.map(({ claimed }) => claimed.dlqId),
      ends.map(({ claimed }) => claimed.count),
      ends.map(({ outcome }) => outcome),
      actor.id,
    ],
  )
}

function stateOf(row: StateRow): RedriveState {
  return {
    dlqId: String(row.dlq_id),
    status: row.status,
    isLeased: row.is_leased,
    isPayloadMissing: row.payload_missing,
    originalSubject: row.original_subject,
  }
}
