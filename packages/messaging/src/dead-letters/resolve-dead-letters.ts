import { type Actor, type AuditLog, requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireDecimalId, requireInteger, requireText } from '@golden-arch/core/errors'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import type { DeadLetterStatus, TenantScope } from './dead-letter.ts'
import { auditEntryOf } from './dead-letter-audit.ts'
import { DeadLetterError } from './dead-letter-error.ts'
import { tenantOf } from './dead-letter-rows.ts'

/** Who settles a dead letter, and why. */
export interface ResolutionRequest {
  readonly actor: Actor
  /** Why nothing more is to be done, at most 1000 characters. */
  readonly reason?: string | undefined
}

/** What became of it; `unchanged`: it was resolved or redriven before. */
export interface ResolutionResult {
  readonly outcome: 'resolved' | 'unchanged'
}

/** How many of a group were settled. */
export interface GroupResolutionResult {
  readonly resolved: number
  /** Whether open ones are left: ask again. */
  readonly hasMore: boolean
}

interface LockedRow {
  readonly dlq_id: bigint
  readonly tenant_id: string | null
  readonly status: DeadLetterStatus
  readonly is_leased: boolean
}

/** Whether a redriver has the row now. One that was lost, or does not know whether it published, has it no longer. */
const LOCKED = `dlq_id, tenant_id, status,
  coalesce(status = 'redriving' AND redrive_until > clock_timestamp(), false) AS is_leased`

/** Settles one dead letter; see `DeadLetterQueue.resolve`. */
export async function resolveDeadLetter(
  database: SqlDatabase,
  audit: AuditLog | null,
  request: ResolutionRequest & TenantScope & { readonly dlqId: string },
): Promise<ResolutionResult> {
  const dlqId = requireDecimalId('dlqId', request.dlqId)
  checkRequest(request)
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<LockedRow>(
      `SELECT ${LOCKED} FROM dlq_messages
        WHERE dlq_id = $1::bigint AND ($2::text IS NULL OR tenant_id = $2::text) FOR UPDATE`,
      [dlqId, tenantOf(request)],
    )
    const [row] = rows
    if (row === undefined) throw DeadLetterError.notFound(dlqId)
    if (row.is_leased) throw DeadLetterError.redriving(dlqId)
    if (row.status === 'redriven' || row.status === 'resolved') return { outcome: 'unchanged' }
    await settle(tx, audit, [row], request)
    return { outcome: 'resolved' }
  })
}

/** Settles open dead letters of one kind; see `DeadLetterQueue.resolveGroup`. */
export async function resolveGroup(
  database: SqlDatabase,
  audit: AuditLog | null,
  request: ResolutionRequest &
    TenantScope & { readonly fingerprint: string; readonly limit?: number | undefined },
): Promise<GroupResolutionResult> {
  const limit = requireInteger('limit', request.limit ?? 500, { min: 1, max: 1000 })
  requireText('fingerprint', request.fingerprint, 128)
  checkRequest(request)
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<LockedRow>(
      `SELECT ${LOCKED} FROM dlq_messages
        WHERE fingerprint = $1 AND (status = 'open' OR (status = 'redriving' AND redrive_until <= clock_timestamp()))
          AND ($2::text IS NULL OR tenant_id = $2::text)
        ORDER BY dlq_id LIMIT $3::int FOR UPDATE`,
      [request.fingerprint, tenantOf(request), limit + 1],
    )
    const chosen = rows.slice(0, limit)
    await settle(tx, audit, chosen, request)
    return { resolved: chosen.length, hasMore: rows.length > limit }
  })
}

async function settle(
  tx: SqlTransaction,
  audit: AuditLog | null,
  rows: readonly LockedRow[],
  { actor, reason }: ResolutionRequest,
): Promise<void> {
  await tx.query(
    `UPDATE dlq_messages
        SET status = 'resolved', redrive_until = NULL, resolved_by = $2, resolved_at = clock_timestamp(), resolution_note = $3
      WHERE dlq_id = ANY($1::bigint[])`,
    [rows.map(({ dlq_id }) => dlq_id), actor.id, reason ?? null],
  )
  for (const { dlq_id, tenant_id: tenantId } of rows) {
    const letter = { dlqId: String(dlq_id), tenantId }
    const details = reason === undefined ? {} : { reason }
    await audit?.append(tx, auditEntryOf(actor, 'deadLetter.resolve', letter, details))
  }
}

function checkRequest({ actor, reason }: ResolutionRequest): void {
  requireActor(actor)
  if (reason !== undefined && (reason.length > 1000 || reason.includes('\u0000'))) {
    throw new InvalidOptionError('reason', 'at most 1000 characters without NUL', reason)
  }
}
