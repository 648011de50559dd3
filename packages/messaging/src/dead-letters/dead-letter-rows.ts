import type { MessageHeaders } from '../message-headers.ts'
import type { DeadLetterStatus, DeadLetterSummary, StoredDeadLetter, TenantScope } from './dead-letter.ts'

/** Columns of a dead letter without its bytes and headers. */
export const SUMMARY_COLUMNS = `d.dlq_id, d.tenant_id, d.message_id, d.original_subject, d.source_stream, d.source_seq,
  d.consumer, d.error, d.error_code, d.fingerprint, d.attempts, d.first_seen_at, d.last_seen_at, d.status,
  coalesce(length(d.payload), 0) AS payload_bytes, d.payload_missing, d.redrive_count, d.redrive_of,
  d.resolved_by, d.resolved_at, d.resolution_note`

/** A row of {@link SUMMARY_COLUMNS}. */
export interface SummaryRow {
  readonly dlq_id: bigint
  readonly tenant_id: string | null
  readonly message_id: string | null
  readonly original_subject: string
  readonly source_stream: string
  readonly source_seq: bigint
  readonly consumer: string
  readonly error: string
  readonly error_code: string | null
  readonly fingerprint: string
  readonly attempts: number
  readonly first_seen_at: Date
  readonly last_seen_at: Date
  readonly status: DeadLetterStatus
  readonly payload_bytes: number
  readonly payload_missing: boolean
  readonly redrive_count: number
  readonly redrive_of: bigint | null
  readonly resolved_by: string | null
  readonly resolved_at: Date | null
  readonly resolution_note: string | null
}

/** A row with bytes, headers and what came of its redrives. */
export interface WholeRow extends SummaryRow {
  readonly payload: Uint8Array | null
  readonly headers: MessageHeaders
  readonly failed_again_as: readonly bigint[]
}

/** The row as a value. */
export function summaryOf(row: SummaryRow): DeadLetterSummary {
  return {
    dlqId: String(row.dlq_id),
    source: { stream: row.source_stream, sequence: String(row.source_seq), consumer: row.consumer },
    tenantId: row.tenant_id,
    messageId: row.message_id,
    subject: row.original_subject,
    error: row.error,
    errorCode: row.error_code,
    fingerprint: row.fingerprint,
    attempts: row.attempts,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    status: row.status,
    payloadBytes: row.payload_bytes,
    isPayloadMissing: row.payload_missing,
    redriveCount: row.redrive_count,
    redriveOf: row.redrive_of === null ? null : String(row.redrive_of),
    resolution:
      row.resolved_by === null || row.resolved_at === null
        ? null
        : { actorId: row.resolved_by, at: row.resolved_at, reason: row.resolution_note },
  }
}

/** The row as a value, whole. */
export function storedDeadLetterOf(row: WholeRow): StoredDeadLetter {
  const { payload, headers, failed_again_as } = row
  return { ...summaryOf(row), payload, headers, failedAgainAs: failed_again_as.map(String) }
}

/** The tenant that a statement is kept to; null: all of them. */
export function tenantOf(scope: TenantScope): string | null {
  return 'tenantId' in scope ? scope.tenantId : null
}
