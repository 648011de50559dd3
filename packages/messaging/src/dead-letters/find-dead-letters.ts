import { requireDecimalId, requireOneOf, requireTenantId, requireText } from '@golden-arch/core/errors'
import { type Page, type PageOptions, pageBounds, pageOf, type SqlExecutor } from '@golden-arch/core/storage'
import type { DeadLetterStatus, DeadLetterSummary, StoredDeadLetter, TenantScope } from './dead-letter.ts'
import { DeadLetterError } from './dead-letter-error.ts'
import {
  SUMMARY_COLUMNS,
  type SummaryRow,
  storedDeadLetterOf,
  summaryOf,
  tenantOf,
  type WholeRow,
} from './dead-letter-rows.ts'

const STATUSES = ['open', 'redriving', 'redriven', 'resolved'] as const

/** Which dead letters. What is left out does not narrow. */
export interface DeadLetterFilter {
  readonly status?: DeadLetterStatus | undefined
  readonly fingerprint?: string | undefined
  /** Stream that the message came from. */
  readonly stream?: string | undefined
  readonly consumer?: string | undefined
  /** Subject of the message, exactly. */
  readonly subject?: string | undefined
}

/** No dead letter is newer: where the newest first begin. */
export const NEWEST: bigint = 2n ** 63n - 1n

/** Conditions on `dlq_messages d` with their values, the first of which gets the number `firstParameter`. */
export interface SqlCondition {
  readonly text: string
  readonly values: readonly unknown[]
}

/** @throws InvalidOptionError `INVALID_OPTION`. */
export function conditionOf(filter: DeadLetterFilter & TenantScope, firstParameter: number): SqlCondition {
  const { status, fingerprint, stream, consumer, subject } = filter
  const parts: (readonly [column: string, value: unknown])[] = []
  const tenantId = tenantOf(filter)
  if (tenantId !== null) parts.push(['tenant_id', requireTenantId(tenantId)])
  if (status !== undefined) parts.push(['status', requireOneOf('status', status, STATUSES)])
  if (fingerprint !== undefined) parts.push(['fingerprint', requireText('fingerprint', fingerprint, 128)])
  if (stream !== undefined) parts.push(['source_stream', requireText('stream', stream)])
  if (consumer !== undefined) parts.push(['consumer', requireText('consumer', consumer, 128)])
  if (subject !== undefined) parts.push(['original_subject', requireText('subject', subject, 512)])
  return {
    text: ['true', ...parts.map(([column], index) => `d.${column} = $${firstParameter + index}`)].join(
      ' AND ',
    ),
    values: parts.map(([, value]) => value),
  }
}

/** One page of the dead letters that fit, newest first. */
export async function listDeadLetters(
  executor: SqlExecutor,
  options: DeadLetterFilter & PageOptions & TenantScope,
): Promise<Page<DeadLetterSummary>> {
  const { limit, position = NEWEST } = pageBounds(options)
  const condition = conditionOf(options, 3)
  const { rows } = await executor.query<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM dlq_messages d
      WHERE d.dlq_id < $1::bigint AND ${condition.text} ORDER BY d.dlq_id DESC LIMIT $2::int`,
    [position, limit + 1, ...condition.values],
  )
  return pageOf(rows, limit, summaryOf, (row) => row.dlq_id)
}

/**
 * The dead letter, whole.
 * @throws DeadLetterError `DEAD_LETTER_NOT_FOUND` where the scope has none of that id; InvalidOptionError `INVALID_OPTION`.
 */
export async function getDeadLetter(
  executor: SqlExecutor,
  scope: TenantScope,
  dlqId: string,
): Promise<StoredDeadLetter> {
  requireDecimalId('dlqId', dlqId)
  const { rows } = await executor.query<WholeRow>(
    `SELECT ${SUMMARY_COLUMNS}, d.payload, d.headers,
            ARRAY(SELECT n.dlq_id FROM dlq_messages n WHERE n.redrive_of = d.dlq_id ORDER BY n.dlq_id LIMIT 100)
              AS failed_again_as
       FROM dlq_messages d WHERE d.dlq_id = $1::bigint AND ($2::text IS NULL OR d.tenant_id = $2::text)`,
    [dlqId, tenantOf(scope)],
  )
  const [row] = rows
  if (row === undefined) throw DeadLetterError.notFound(dlqId)
  return storedDeadLetterOf(row)
}
