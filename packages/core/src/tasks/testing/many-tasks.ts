import type { SqlDatabase, SqlTransaction } from '../../storage/index.ts'
import { type TaskListOptions, TaskStore } from '../task-store.ts'

const TENANT = 'crowded'
const LIMIT = 20
/** Rows that one statement adds: a server under load answers within its deadline. */
const AT_ONCE = 20_000
const store = new TaskStore()

/** What is asked of a table of many tasks. */
export type TaskQuestion = Omit<TaskListOptions, 'tenantId' | 'limit'> | 'counts' | 'open parts'

/**
 * Fills the table with `count` tasks of one tenant in which what is asked for is rare: nearly all have ended long ago,
 * and a handful in the middle is all else. Every tenth task of the same table is another tenant's.
 */
export async function addManyTasks(database: SqlDatabase, count: number): Promise<void> {
  for (let first = 1; first <= count; first += AT_ONCE) {
    await addTasks(database, count, first, Math.min(count, first + AT_ONCE - 1))
  }
  await database.query(
    `INSERT INTO tasks (tenant_id, task_id, project_id, parent_task_id, root_task_id, depth, kind, title, status, created_by)
     SELECT '${TENANT}', 't-1/' || i, 'p-1', 't-1', 't-1', 1, 'child', 'a part',
            CASE WHEN i % 2 = 0 THEN 'submitted' ELSE 'completed' END, 'u-1'
       FROM generate_series(1, 4) i`,
  )
  await database.query('ANALYZE tasks')
}

async function addTasks(database: SqlDatabase, count: number, first: number, last: number): Promise<void> {
  await database.query(
    `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, status, waiting_for, resume_to, created_by)
     SELECT CASE WHEN i % 10 = 0 THEN 'other' ELSE '${TENANT}' END, 't-' || i,
            CASE WHEN is_rare THEN 'rare' ELSE 'p-' || i % 7 END, 't-' || i, 'root', 'a task',
            CASE WHEN is_rare THEN 'escalated' WHEN i % 3 = 0 THEN 'failed'
                 WHEN i > $1::int * 6 / 10 THEN 'cancelled' ELSE 'completed' END,
            CASE WHEN is_rare THEN '{"kind":"children"}'::jsonb END, CASE WHEN is_rare THEN 'executing' END,
            CASE WHEN is_rare THEN 'rare' ELSE 'u-' || i % 11 END
       FROM (SELECT i, abs(i - $1::int / 2) < 8 AS is_rare FROM generate_series($2::int, $3::int) i) generated`,
    [count, first, last],
  )
}

/** What people and orchestrators ask of the table, each with the rows that are read for it at most. */
export const TASK_QUESTIONS: readonly (readonly [name: string, question: TaskQuestion, maxRows: number])[] = [
  ['the oldest', {}, LIMIT],
  ['the newest', { order: 'newest' }, LIMIT],
  ['a page in the middle', { order: 'newest', cursor: '5000' }, LIMIT],
  ['the newest completed', { order: 'newest', status: 'completed' }, LIMIT],
  ['what was cancelled, all of it of late', { status: 'cancelled' }, LIMIT],
  ['the escalated', { status: 'escalated', order: 'newest' }, LIMIT],
  ['what is submitted', { status: 'submitted' }, LIMIT],
  ['of a project', { projectId: 'p-3', order: 'newest' }, LIMIT],
  ['of a rare project', { projectId: 'rare' }, LIMIT],
  ['of a project, escalated', { projectId: 'p-3', status: 'escalated' }, LIMIT],
  ['of a person', { createdBy: 'u-2', order: 'newest' }, LIMIT],
  ['of a person, escalated', { createdBy: 'u-2', status: 'escalated', order: 'newest' }, LIMIT],
  ['of nobody', { createdBy: 'nobody' }, LIMIT],
  ['the parts of a task', { parentTaskId: 't-1' }, LIMIT],
  ['the open parts of a task', 'open parts', LIMIT],
  ['the counts by status', 'counts', 0],
]

/** Asks what is asked of the table. */
export async function askTasks(tx: SqlTransaction, question: TaskQuestion): Promise<void> {
  if (question === 'counts') await store.countByStatus(tx, TENANT)
  else if (question === 'open parts') await store.openChildren(tx, { tenantId: TENANT, taskId: 't-1' })
  else await store.list(tx, { tenantId: TENANT, limit: LIMIT - 1, ...question })
}

/** Rows of the table that a question reads. */
export async function taskRowsReadFor(database: SqlDatabase, question: TaskQuestion): Promise<number> {
  return database.transaction(async (tx) => {
    const before = await rowsRead(tx)
    await askTasks(tx, question)
    return (await rowsRead(tx)) - before
  })
}

async function rowsRead(tx: SqlTransaction): Promise<number> {
  const { rows } = await tx.query<{ read: bigint }>(
    `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read FROM pg_stat_xact_user_tables
      WHERE relid = 'tasks'::regclass`,
  )
  return Number(rows[0]?.read)
}
