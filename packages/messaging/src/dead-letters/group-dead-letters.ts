import { requireTenantId } from '@golden-arch/core/errors'
import { type Page, type PageOptions, pageBounds, pageOf, type SqlExecutor } from '@golden-arch/core/storage'
import type { TenantScope } from './dead-letter.ts'
import { tenantOf } from './dead-letter-rows.ts'
import { NEWEST } from './find-dead-letters.ts'

/** Dead letters of one kind, of one tenant. */
export interface DeadLetterGroup {
  /** Null: the tenant is unknown. */
  readonly tenantId: string | null
  readonly fingerprint: string
  /** Open or being redriven. */
  readonly unresolved: number
  readonly total: number
  /** The newest of the group, and what it says. */
  readonly newest: {
    readonly dlqId: string
    readonly error: string
    readonly errorCode: string | null
    readonly subject: string
    readonly lastSeenAt: Date
  } | null
}

/** How many there are. */
export interface DeadLetterCounts {
  /** Open or being redriven. */
  readonly unresolved: number
  readonly total: number
}

interface GroupRow {
  readonly tenant_id: string
  readonly fingerprint: string
  readonly unresolved: bigint
  readonly total: bigint
  readonly last_dlq_id: bigint
  readonly error: string | null
  readonly error_code: string | null
  readonly original_subject: string | null
  readonly last_seen_at: Date | null
}

/** One page of groups, from counters: the time it takes does not grow with the number of dead letters. */
export async function groupDeadLetters(
  executor: SqlExecutor,
  options: PageOptions & TenantScope,
): Promise<Page<DeadLetterGroup>> {
  const { limit, position = NEWEST } = pageBounds(options)
  const tenantId = tenantOf(options)
  if (tenantId !== null) requireTenantId(tenantId)
  const { rows } = await executor.query<GroupRow>(
    `SELECT g.*, d.error, d.error_code, d.original_subject, d.last_seen_at
       FROM (SELECT * FROM dlq_groups
              WHERE unresolved > 0 AND last_dlq_id < $1::bigint ${tenantId === null ? '' : 'AND tenant_id = $3'}
              ORDER BY last_dlq_id DESC LIMIT $2::int) g
       LEFT JOIN dlq_messages d ON d.dlq_id = g.last_dlq_id
      ORDER BY g.last_dlq_id DESC`,
    [position, limit + 1, ...(tenantId === null ? [] : [tenantId])],
  )
  return pageOf(rows, limit, groupOf, (row) => row.last_dlq_id)
}

/** How many dead letters the scope has, from counters. */
export async function countDeadLetters(executor: SqlExecutor, scope: TenantScope): Promise<DeadLetterCounts> {
  const { rows } = await executor.query<{ unresolved: string; total: string }>(
    `SELECT coalesce(sum(unresolved), 0) AS unresolved, coalesce(sum(total), 0) AS total
       FROM dlq_totals WHERE $1::text IS NULL OR tenant_id = $1::text`,
    [tenantOf(scope)],
  )
  return { unresolved: Number(rows[0]?.unresolved ?? 0), total: Number(rows[0]?.total ?? 0) }
}

function groupOf(row: GroupRow): DeadLetterGroup {
  const { error, error_code: errorCode, original_subject: subject, last_seen_at: lastSeenAt } = row
  return {
    tenantId: row.tenant_id === '' ? null : row.tenant_id,
    fingerprint: row.fingerprint,
    unresolved: Number(row.unresolved),
    total: Number(row.total),
    newest:
      error === null || subject === null || lastSeenAt === null
        ? null
        : { dlqId: String(row.last_dlq_id), error, errorCode, subject, lastSeenAt },
  }
}
