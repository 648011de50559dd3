import type { SqlDatabase, SqlExecutor } from '@golden-arch/core/storage'
import { type ProposalListOptions, selectProposals } from '../learning/approvals/proposal-rows.ts'
import { type ReviewListOptions, selectReviews } from '../review/review-list.ts'

const TENANT = 'crowded'
const LIMIT = 20

/** Fills the tables with `count` rounds and proposals of one tenant, of which the old ones are settled and a handful is not. */
export async function addManyGoverned(database: SqlDatabase, count: number): Promise<void> {
  await database.query(
    `INSERT INTO peer_reviews (tenant_id, subject_id, round, content_hash, author_id, policy, reviewers, closes_early,
        opened_at, deadline_at, outcome_kind, outcome, closed_at)
     SELECT '${TENANT}', 'task-' || i % 1000, i, 'hash', 'developer-1', '{}', '[]', false, at, at + interval '1 hour',
            CASE WHEN is_settled THEN 'approved' END, CASE WHEN is_settled THEN '{}'::jsonb END, CASE WHEN is_settled THEN at END
       FROM (SELECT i, i % 2500 <> 0 AS is_settled, timestamptz '2026-01-01T00:00:00Z' + i * interval '1 second' AS at
               FROM generate_series(1, $1::int) i) generated`,
    [count],
  )
  await database.query(
    `INSERT INTO prompts (tenant_id, agent_role, version, content, content_sha256, created_by)
     SELECT '${TENANT}', 'developer', 1, 'one', encode(sha256('one'), 'hex'), 'ada'`,
  )
  await database.query(
    `INSERT INTO learning_history (tenant_id, update_id, agent_role, kind, status, target_version, content_sha256, reason,
        proposed_by, proposed_by_kind, applied_at)
     SELECT '${TENANT}', 'u-' || i, 'developer', 'update', CASE WHEN i % 2500 <> 0 THEN 'applied' ELSE 'pending' END, 1,
            encode(sha256('one'), 'hex'), 'because', 'ada', 'human', CASE WHEN i % 2500 <> 0 THEN clock_timestamp() END
       FROM generate_series(1, $1::int) i`,
    [count],
  )
  await database.query('ANALYZE peer_reviews, learning_history')
}

/** What people ask of the tables, each with the rows that are read for it at most: a few pages, and not the table. */
export const GOVERNED_LISTS: readonly (readonly [
  name: string,
  table: 'peer_reviews' | 'learning_history',
  filter: Omit<ReviewListOptions, 'tenantId'> | Omit<ProposalListOptions, 'tenantId'>,
  maxRows: number,
])[] = [
  ['all rounds', 'peer_reviews', {}, 5 * LIMIT],
  ['rounds, a late page', 'peer_reviews', { cursor: '700' }, 5 * LIMIT],
  ['open rounds', 'peer_reviews', { status: 'open' }, 5 * LIMIT],
  ['approved rounds', 'peer_reviews', { status: 'approved' }, 5 * LIMIT],
  ['rounds of a task', 'peer_reviews', { subjectId: 'task-7' }, 5 * LIMIT],
  ['all proposals', 'learning_history', {}, 10 * LIMIT],
  ['proposals that wait', 'learning_history', { status: 'pending' }, 5 * LIMIT],
  ['applied proposals, a late page', 'learning_history', { status: 'applied', cursor: '700' }, 5 * LIMIT],
  ['proposals that waited too long', 'learning_history', { status: 'expired' }, 5 * LIMIT],
]

/** Rows that a query reads of its table. */
export async function governedRowsRead(
  database: SqlDatabase,
  [, table, filter]: (typeof GOVERNED_LISTS)[number],
): Promise<number> {
  return database.transaction(async (tx) => {
    const before = await rowsRead(tx, table)
    // The table says which of the two the filter is.
    const page = { ...filter, limit: LIMIT - 1 } as object
    if (table === 'peer_reviews') await selectReviews(tx, { tenantId: TENANT, ...page })
    else await selectProposals(tx, { tenantId: TENANT, ...page })
    return (await rowsRead(tx, table)) - before
  })
}

async function rowsRead(executor: SqlExecutor, table: string): Promise<number> {
  const { rows } = await executor.query<{ read: bigint }>(
    `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read FROM pg_stat_xact_user_tables
      WHERE relid = '${table}'::regclass`,
  )
  return Number(rows[0]?.read)
}
