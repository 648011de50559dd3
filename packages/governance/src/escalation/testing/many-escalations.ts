import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { type EscalationListOptions, selectEscalations } from '../escalation-list.ts'
import { lockDue } from '../escalation-rows.ts'

const TENANT = 'crowded'
const LIMIT = 20

/**
 * Fills the table with `count` escalations of one tenant in which what is asked for is rare and recent: the old ones are
 * resolved and critical, the middle ones open and of little weight, and a handful at the end is all else.
 */
export async function addManyEscalations(database: SqlDatabase, count: number): Promise<void> {
  await database.query(
    `INSERT INTO escalations (tenant_id, escalation_id, subject_kind, subject_id, project_id, task_id, reason, severity,
        level, status, evidence, dedup_key, raised_at, last_raised_at, timer_since, due_at, assigned_to, assigned_by,
        assigned_at, acknowledged_by, acknowledged_at, resolved_by, resolved_at, resolution)
     SELECT '${TENANT}', 'e-' || i, 'breaker', 'b-' || i, CASE WHEN is_rare THEN 'rare' ELSE 'p-' || i % 10 END, NULL,
            'stuck-open', CASE WHEN is_old OR is_rare THEN 'critical' ELSE 'info' END,
            CASE WHEN is_old OR is_rare THEN 'admin' ELSE 'supervisor' END,
            CASE WHEN is_old THEN 'resolved' WHEN is_rare AND i % 2 = 0 THEN 'acknowledged' ELSE 'open' END,
            '{}', 'k-' || i, at, at, at,
            CASE WHEN NOT is_old AND NOT (is_rare AND i % 2 = 0) THEN at + i * interval '1 second' END,
            CASE WHEN is_rare THEN 'ada' END, CASE WHEN is_rare THEN 'ada' END, CASE WHEN is_rare THEN at END,
            CASE WHEN is_rare AND i % 2 = 0 THEN 'ada' END, CASE WHEN is_rare AND i % 2 = 0 THEN at END,
            CASE WHEN is_old THEN 'ada' END, CASE WHEN is_old THEN at END, CASE WHEN is_old THEN 'done' END
       FROM (SELECT i, i <= $1::int * 6 / 10 AS is_old, i > $1::int - 8 AS is_rare,
                    timestamptz '2026-01-01T00:00:00Z' AS at
               FROM generate_series(1, $1::int) i) generated`,
    [count],
  )
  await database.query('ANALYZE escalations')
}

/** What people and the timer ask of the table, each with the rows that are read for it at most. */
export const ESCALATION_QUERIES: readonly (readonly [
  name: string,
  filter: Omit<EscalationListOptions, 'tenantId'> | 'due',
  maxRows: number,
])[] = [
  ['all', {}, 3 * LIMIT],
  ['open', { status: 'open' }, LIMIT],
  ['unresolved', { status: 'unresolved' }, 2 * LIMIT],
  ['acknowledged', { status: 'acknowledged' }, LIMIT],
  ['resolved, a late page', { status: 'resolved', cursor: '5000' }, LIMIT],
  ['critical', { severity: 'critical' }, 3 * LIMIT],
  ['open and critical', { status: 'open', severity: 'critical' }, LIMIT],
  ['of the admin', { level: 'admin' }, 3 * LIMIT],
  ['unresolved, of the admin', { status: 'unresolved', level: 'admin' }, 2 * LIMIT],
  ['assigned to ada', { assignee: 'ada' }, 3 * LIMIT],
  ['of a rare project', { projectId: 'rare' }, 3 * LIMIT],
  ['about one thing', { subject: { kind: 'breaker', id: 'b-7' } }, 3 * LIMIT],
  ['next due', 'due', 2],
]

/** Rows that a query reads; those that it gives are no more than a page. */
export async function rowsReadFor(
  database: SqlDatabase,
  filter: (typeof ESCALATION_QUERIES)[number][1],
): Promise<number> {
  return database.transaction(async (tx) => {
    const before = await rowsRead(tx)
    const now = new Date('2030-01-01T00:00:00Z')
    if (filter === 'due') await lockDue(tx, now, now, [])
    else await selectEscalations(tx, { tenantId: TENANT, limit: LIMIT - 1, ...filter })
    return (await rowsRead(tx)) - before
  })
}

async function rowsRead(tx: SqlTransaction): Promise<number> {
  const { rows } = await tx.query<{ read: bigint }>(
    `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read FROM pg_stat_xact_user_tables
      WHERE relid = 'escalations'::regclass`,
  )
  return Number(rows[0]?.read)
}
