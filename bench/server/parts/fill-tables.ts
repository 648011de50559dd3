import type pg from 'pg'
import { BENCH_PROJECT, BENCH_TENANT } from '../golden-server.ts'

/** Of tasks, one in so many has an escalation, a review and a dead letter. */
const TASKS_PER_PROBLEM = 10

interface Fill {
  readonly table: string
  /** How many rows belong to so many tasks. */
  readonly rowsFor: (tasks: number) => number
  /** Adds $1 rows, of the tenant $2 and the project $3. */
  readonly text: string
  /** Whether the table's own triggers run. Where they do not, there is nothing for the server's background work to take up. */
  readonly hasTriggers: boolean
}

const everyTask = (tasks: number): number => tasks
const someTasks = (tasks: number): number => Math.ceil(tasks / TASKS_PER_PROBLEM)

/** What a system has after a while: most tasks have ended, and what asked for a person was answered. */
const FILLS: readonly Fill[] = [
  {
    table: 'tasks',
    rowsFor: everyTask,
    // The figures of /stats are kept by triggers.
    hasTriggers: true,
    text: `INSERT INTO tasks (tenant_id, task_id, root_task_id, project_id, kind, title, status, created_by, input)
      SELECT $2::text, 'filled-' || n, 'filled-' || n, $3::text, 'root', 'Filled ' || n,
             CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'completed' END, 'bench', '{"id":"filled"}'
        FROM generate_series(1, $1::bigint) AS n`,
  },
  {
    table: 'budgets',
    rowsFor: everyTask,
    hasTriggers: false,
    text: `INSERT INTO budgets (tenant_id, project_id, task_id, limit_tokens, used_tokens, period_starts_at)
      SELECT $2::text, $3::text, 'filled-' || n, 40000, 1600, now() FROM generate_series(1, $1::bigint) AS n`,
  },
  {
    table: 'audit_log',
    rowsFor: everyTask,
    hasTriggers: false,
    text: `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, resource, outcome, entry_text)
      SELECT $2::text, 'bench', 'human', 'task.create', 'task/filled-' || n, 'allowed', $3::text
        FROM generate_series(1, $1::bigint) AS n`,
  },
  {
    table: 'escalations',
    rowsFor: someTasks,
    hasTriggers: false,
    text: `INSERT INTO escalations (tenant_id, escalation_id, subject_kind, subject_id, project_id, task_id, reason, severity,
             level, status, dedup_key, raised_at, last_raised_at, timer_since, resolved_by, resolved_at, resolution)
      SELECT $2::text, 'filled-' || n, 'task', 'filled-' || n, $3::text, 'filled-' || n, 'veto', 'warning', 'operator', 'resolved',
             'filled-' || n, now(), now(), now(), 'bench', now(), 'done'
        FROM generate_series(1, $1::bigint) AS n`,
  },
  {
    table: 'peer_reviews',
    rowsFor: someTasks,
    hasTriggers: false,
    text: `INSERT INTO peer_reviews (tenant_id, subject_id, round, project_id, content_hash, author_id, policy, reviewers,
             closes_early, opened_at, deadline_at)
      SELECT $2::text, 'filled-' || n, 1, $3::text, 'hash', 'developer', '{}', '[]', false, now(), now() + interval '1 year'
        FROM generate_series(1, $1::bigint) AS n`,
  },
  {
    table: 'dlq_messages',
    rowsFor: someTasks,
    hasTriggers: false,
    text: `INSERT INTO dlq_messages (tenant_id, message_id, original_subject, source_stream, source_seq, consumer, error,
             fingerprint, attempts, status, resolved_by, resolved_at)
      SELECT $2::text, $3::text || n, 'bench', 'bench', n, 'bench', 'poison', 'filled-' || n % 100, 5, 'resolved', 'bench',
             clock_timestamp()
        FROM generate_series(1, $1::bigint) AS n`,
  },
]

/** Fills the tables of the listings with so many tasks and what belongs to them. */
export async function fillTables(client: pg.ClientBase, tasks: number): Promise<void> {
  for (const { table, rowsFor, text, hasTriggers } of FILLS) {
    await client.query(`SET session_replication_role = ${hasTriggers ? 'origin' : 'replica'}`)
    await client.query(text, [rowsFor(tasks), BENCH_TENANT, BENCH_PROJECT])
    await client.query(`VACUUM (ANALYZE) ${table}`)
  }
}

/** The position of a row after nine tenths of a table's rows. */
export async function farPosition(client: pg.ClientBase, table: string, column: string): Promise<string> {
  const { rows } = await client.query<{ position: string }>(
    `SELECT (min(${column}) + (max(${column}) - min(${column})) * 9 / 10)::text AS position FROM ${table}`,
  )
  return rows[0]?.position ?? '1'
}
