import { InvalidOptionError, requireInteger, requireOneOf, requireText } from '@golden-arch/core/errors'
import type { SqlExecutor } from '@golden-arch/core/storage'
import type { DeadLetterStatus, DeadLetterSummary, StoredDeadLetter, TenantScope } from './dead-letter.ts'
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
  readonly status?: DeadLetterStatus
  readonly fingerprint?: string
  /** Stream that the message came from. */
  readonly stream?: string
  readonly consumer?: string
  /** Subject of the message, exactly. */
  readonly subject?: string
}

/** One page of a list. */
export interface DeadLetterPage {
  /** Newest first. */
  readonly items: readonly DeadLetterSummary[]
  /** Where the next page starts; null on the last one. */
  readonly nextCursor: string | null
}

/** Which page. */
export interface PageOptions {
  /** Items at most, 1 to 500. Default 50. */
  readonly limit?: number
  /** `nextCursor` of the page before. Default: the first page. */
  readonly cursor?: string
}

/** A page's bounds, checked. */
export interface PageBounds {
  readonly limit: number
  /** Items are older than this one. */
  readonly beforeId: bigint
}

const LAST_ID = 2n ** 63n - 1n

/** @throws InvalidOptionError `INVALID_OPTION`. */
export function pageBounds({ limit = 50, cursor }: PageOptions): PageBounds {
  requireInteger('limit', limit, { min: 1, max: 500 })
  if (cursor === undefined) return { limit, beforeId: LAST_ID }
  if (typeof cursor !== 'string' || !/^[1-9]\d{0,18}$/.test(cursor) || BigInt(cursor) > LAST_ID) {
    throw new InvalidOptionError('cursor', 'the nextCursor of a page', cursor)
  }
  return { limit, beforeId: BigInt(cursor) }
}

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
  if (tenantId !== null) parts.push(['tenant_id', requireText('tenantId', tenantId, 128)])
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
): Promise<DeadLetterPage> {
  const { limit, beforeId } = pageBounds(options)
  const condition = conditionOf(options, 3)
  const { rows } = await executor.query<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM dlq_messages d
      WHERE d.dlq_id < $1::bigint AND ${condition.text} ORDER BY d.dlq_id DESC LIMIT $2::int`,
    [beforeId, limit + 1, ...condition.values],
  )
  const items = rows.slice(0, limit).map(summaryOf)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? String(last.dlqId) : null }
}

/** The dead letter, whole, or undefined where the scope has none of that id. */
export async function getDeadLetter(
  executor: SqlExecutor,
  scope: TenantScope,
  dlqId: bigint,
): Promise<StoredDeadLetter | undefined> {
  const { rows } = await executor.query<WholeRow>(
    `SELECT ${SUMMARY_COLUMNS}, d.payload, d.headers,
            ARRAY(SELECT n.dlq_id FROM dlq_messages n WHERE n.redrive_of = d.dlq_id ORDER BY n.dlq_id LIMIT 100)
              AS failed_again_as
       FROM dlq_messages d WHERE d.dlq_id = $1::bigint AND ($2::text IS NULL OR d.tenant_id = $2::text)`,
    [dlqId, tenantOf(scope)],
  )
  const [row] = rows
  return row === undefined ? undefined : storedDeadLetterOf(row)
}
