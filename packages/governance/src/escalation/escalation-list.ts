import { requireOneOf, requireTenantId, requireText } from '@golden-arch/core/errors'
import type { AlertSeverity } from '@golden-arch/core/observability'
import {
  type OrderedPageOptions,
  orderedPageBounds,
  type Page,
  pageOf,
  type SqlExecutor,
} from '@golden-arch/core/storage'
import { ESCALATION_LEVELS, type EscalationLevel } from '@golden-arch/core/tasks'
import { ESCALATION_COLUMNS, type EscalationRow, escalationOf } from './escalation-columns.ts'
import { ESCALATION_SEVERITIES } from './escalation-severity.ts'
import type { EscalationStatus, EscalationSubject, RaisedEscalation } from './raised-escalation.ts'

/** What a page of escalations is asked by; all that is given must hold. */
export interface EscalationListOptions extends OrderedPageOptions {
  readonly tenantId: string
  /** `unresolved` is open or acknowledged. Default: every status. */
  readonly status?: EscalationStatus | 'unresolved'
  /** Default: every level. */
  readonly level?: EscalationLevel
  /** Default: every severity. */
  readonly severity?: AlertSeverity
  /** Id of the person it is assigned to. Default: assigned or not. */
  readonly assignee?: string
  /** Default: every project. */
  readonly projectId?: string
  /** Default: every subject. */
  readonly subject?: EscalationSubject
}

const STATUSES = ['open', 'acknowledged', 'resolved'] as const

/**
 * Reads a page of escalations.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad limit, cursor, order or filter.
 */
export async function selectEscalations(
  executor: SqlExecutor,
  options: EscalationListOptions,
): Promise<Page<RaisedEscalation>> {
  const { limit, position, beyond, direction } = orderedPageBounds(options)
  const values: unknown[] = []
  const placeOf = (value: unknown): string => `$${values.push(value)}`
  const conditions = [
    `tenant_id = ${placeOf(requireTenantId(options.tenantId))}`,
    `position ${beyond} ${placeOf(position)}::bigint`,
    ...filtersOf(options).map(([column, value]) => `${column} = ${placeOf(value)}`),
  ]
  const end = `ORDER BY position ${direction} LIMIT ${placeOf(limit + 1)}::int`
  // One ordered read of an index for each status: read together, they would have to be sorted as a whole.
  const reads = statusesOf(options).map(
    (status) =>
      `(SELECT ${ESCALATION_COLUMNS} FROM escalations e
         WHERE ${conditions.join(' AND ')} AND status = ${placeOf(status)} ${end})`,
  )
  const text = reads.length === 1 ? reads.join('') : `${reads.join(' UNION ALL ')} ${end}`
  const { rows } = await executor.query<EscalationRow>(text, values)
  return pageOf(rows, limit, escalationOf, (row) => row.position)
}

function statusesOf({ status }: EscalationListOptions): readonly EscalationStatus[] {
  if (status === undefined) return STATUSES
  if (status === 'unresolved') return ['open', 'acknowledged']
  return [requireOneOf('status', status, STATUSES)]
}

function filtersOf(options: EscalationListOptions): readonly (readonly [string, string])[] {
  const { level, severity, assignee, projectId, subject } = options
  const filters: [string, string][] = []
  if (level !== undefined) filters.push(['level', requireOneOf('level', level, ESCALATION_LEVELS)])
  if (severity !== undefined)
    filters.push(['severity', requireOneOf('severity', severity, ESCALATION_SEVERITIES)])
  if (assignee !== undefined) filters.push(['assigned_to', requireText('assignee', assignee)])
  if (projectId !== undefined) filters.push(['project_id', requireText('projectId', projectId, 128)])
  if (subject !== undefined) {
    filters.push(['subject_kind', requireText('subject.kind', subject.kind, 32)])
    filters.push(['subject_id', requireText('subject.id', subject.id)])
  }
  return filters
}
