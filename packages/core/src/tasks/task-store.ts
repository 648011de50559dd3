import type { TraceContext } from '../observability/index.ts'
import {
  jsonText,
  type OrderedPageOptions,
  orderedPageBounds,
  type Page,
  pageOf,
  type QueryOptions,
  type SqlExecutor,
  type SqlTransaction,
} from '../storage/index.ts'
import type { TaskChange } from './apply-decision.ts'
import type { Task, TaskFacts, TaskKey, TaskKind } from './task.ts'
import { TaskError } from './task-error.ts'
import type { TaskLimits } from './task-limits.ts'
import { TASK_COLUMNS, type TaskRow, taskOfRow } from './task-row.ts'
import { TASK_STATUSES, type TaskStatus } from './task-status.ts'

/** What a page of tasks is asked by. */
export interface TaskListOptions extends OrderedPageOptions {
  readonly tenantId: string
  readonly projectId?: string
  readonly status?: TaskStatus
  readonly createdBy?: string
  readonly parentTaskId?: string
  /** Default: every kind. */
  readonly kind?: TaskKind
}

/** A task that is not stored yet, complete. */
export interface UnsavedTask extends TaskKey {
  readonly projectId: string
  readonly parentTaskId: string | null
  readonly rootTaskId: string
  readonly depth: number
  readonly kind: TaskKind
  readonly title: string
  readonly input: TaskFacts
  readonly limits: TaskLimits
  readonly deadlineAt: Date | null
  readonly createdBy: string
}

/** Ran with each transition: parsed once for each connection. */
const INSERT = { prepareAs: 'golden_arch_task_insert' }
const LOCK = { prepareAs: 'golden_arch_task_lock' }
const UPDATE = { prepareAs: 'golden_arch_task_update' }

const OPEN = "status NOT IN ('completed', 'failed', 'cancelled')"

/** The table of tasks, read and written with whatever executor the caller holds. */
export class TaskStore {
  /**
   * Adds a task in status `submitted`, to be looked at now; undefined, and nothing changed, where its id is taken. `trace`
   * is the place in a trace where it is made.
   * @throws StorageError by code.
   */
  async insert(
    tx: SqlTransaction,
    task: UnsavedTask,
    trace: TraceContext | null = null,
  ): Promise<Task | undefined> {
    const { rows } = await tx.query<TaskRow>(
      `INSERT INTO tasks (tenant_id, task_id, project_id, parent_task_id, root_task_id, depth, kind, title, input, limits,
              deadline_at, created_by, trace, wake_at)
       VALUES ($1, $2, $3, $4, $5, $6::int, $7, $8, $9::jsonb, $10::jsonb, $11::timestamptz, $12, $13::jsonb, clock_timestamp())
       ON CONFLICT (tenant_id, task_id) DO NOTHING RETURNING ${TASK_COLUMNS}`,
      [
        task.tenantId,
        task.taskId,
        task.projectId,
        task.parentTaskId,
        task.rootTaskId,
        task.depth,
        task.kind,
        task.title,
        jsonText(task.input),
        jsonText(task.limits),
        task.deadlineAt,
        task.createdBy,
        trace === null ? null : jsonText(trace),
      ],
      INSERT,
    )
    return rows[0] === undefined ? undefined : taskOfRow(rows[0])
  }

  /** @throws TaskError `TASK_NOT_FOUND`; StorageError by code. */
  async get(executor: SqlExecutor, key: TaskKey): Promise<Task> {
    return this.#one(executor, key, '')
  }

  /**
   * As {@link get}, and no other transaction changes the task until `tx` ends. Locks are taken from above: a parent
   * before its child.
   * @throws TaskError `TASK_NOT_FOUND`; StorageError by code.
   */
  async lock(tx: SqlTransaction, key: TaskKey): Promise<Task> {
    // Not FOR UPDATE: it would wait for whoever adds a row that refers to the task, such as a step.
    return this.#one(tx, key, 'FOR NO KEY UPDATE', LOCK)
  }

  /**
   * The children and remediation tasks of a task, oldest first, 1000 at most.
   * @throws StorageError by code.
   */
  async children(executor: SqlExecutor, { tenantId, taskId }: TaskKey): Promise<readonly Task[]> {
    const result = await executor.query<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM tasks WHERE tenant_id = $1 AND parent_task_id = $2 ORDER BY position LIMIT 1000`,
      [tenantId, taskId],
    )
    return result.rows.map(taskOfRow)
  }

  /** As {@link children}, those alone that have not ended. @throws StorageError by code. */
  async openChildren(executor: SqlExecutor, { tenantId, taskId }: TaskKey): Promise<readonly Task[]> {
    const result = await executor.query<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM tasks WHERE tenant_id = $1 AND parent_task_id = $2 AND ${OPEN}
        ORDER BY position LIMIT 1000`,
      [tenantId, taskId],
    )
    return result.rows.map(taskOfRow)
  }

  /** How many children of this kind a task has, and how many of them are open. @throws StorageError by code. */
  async countChildren(
    executor: SqlExecutor,
    { tenantId, taskId }: TaskKey,
    kind: TaskKind,
  ): Promise<{ readonly all: number; readonly open: number }> {
    const result = await executor.query<{ all: number; open: number }>(
      `SELECT count(*)::int AS all, (count(*) FILTER (WHERE ${OPEN}))::int AS open FROM tasks
        WHERE tenant_id = $1 AND parent_task_id = $2 AND kind = $3`,
      [tenantId, taskId, kind],
    )
    return result.rows[0] ?? { all: 0, open: 0 }
  }

  /**
   * A page of tasks.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad limit, cursor or order; StorageError by code.
   */
  async list(executor: SqlExecutor, options: TaskListOptions): Promise<Page<Task>> {
    const { limit, position, beyond, direction } = orderedPageBounds(options)
    const values: unknown[] = [options.tenantId, limit + 1]
    // Named only where asked for, so that each combination has a plan of its own by the index that fits it.
    const where = ['tenant_id = $1']
    // Every row fulfils it; it opens the indexes without the status, which must not be walked along to find one.
    if (options.status === undefined) where.push('depth >= 0')
    const narrow = (condition: string, value: unknown): void => {
      if (value !== undefined) where.push(`${condition} $${values.push(value)}`)
    }
    narrow('project_id =', options.projectId)
    narrow('status =', options.status)
    narrow('created_by =', options.createdBy)
    narrow('parent_task_id =', options.parentTaskId)
    narrow('kind =', options.kind)
    if (options.cursor !== undefined) narrow(`position ${beyond}`, position)
    const result = await executor.query<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM tasks WHERE ${where.join(' AND ')}
        ORDER BY position ${direction} LIMIT $2::int`,
      values,
    )
    return pageOf(result.rows, limit, taskOfRow, (row) => row.position)
  }

  /**
   * How many tasks of a tenant stand in each status, those without any left out. Read from a sum of changes, so that it
   * takes as long for a million tasks as for a thousand.
   * @throws StorageError by code.
   */
  async countByStatus(
    executor: SqlExecutor,
    tenantId: string,
  ): Promise<Readonly<Partial<Record<TaskStatus, number>>>> {
    const result = await executor.query<{ status: string; count: string }>(
      `SELECT status, sum(amount)::text AS count FROM task_counts WHERE tenant_id = $1
        GROUP BY status HAVING sum(amount) <> 0`,
      [tenantId],
    )
    const counts = new Map(result.rows.map(({ status, count }) => [status, Number(count)]))
    const present = TASK_STATUSES.filter((status) => counts.has(status))
    return Object.fromEntries(present.map((status) => [status, counts.get(status) ?? 0]))
  }

  /**
   * Folds up to `limit` changes of the counts into their sums, and says how many rows fewer there are: called from time
   * to time until it says 0, it keeps {@link countByStatus} fast. Any number of processes may fold at once.
   * @throws StorageError by code.
   */
  async foldCounts(executor: SqlExecutor, limit = 10_000): Promise<number> {
    const result = await executor.query<{ folded: number }>(
      `WITH old AS (
         SELECT position FROM task_counts ORDER BY position LIMIT $1::int FOR UPDATE SKIP LOCKED
       ), gone AS (
         DELETE FROM task_counts WHERE position IN (SELECT position FROM old) RETURNING tenant_id, status, amount
       ), sums AS (
         INSERT INTO task_counts (tenant_id, status, amount)
         SELECT tenant_id, status, sum(amount) FROM gone GROUP BY tenant_id, status HAVING sum(amount) <> 0
         RETURNING 1
       )
       SELECT (SELECT count(*) FROM gone)::int - (SELECT count(*) FROM sums)::int AS folded`,
      [limit],
    )
    return result.rows[0]?.folded ?? 0
  }

  /**
   * Writes what a transition changes, if the task is still at the version before, and returns the task as it stands then.
   * @throws TaskError `TASK_VERSION_CONFLICT` (retryable) when another transition came first.
   */
  async update(tx: SqlTransaction, { task, wake }: TaskChange): Promise<Task> {
    const result = await tx.query<TaskRow>(
      `UPDATE tasks SET version = version + 1, status = $4, status_reason = $5, waiting_for = $6::jsonb, resume_to = $7,
              attempts = $8::jsonb, fixes = $9::jsonb, input = $10::jsonb, evidence = $11::jsonb,
              wake_at = CASE WHEN $12::boolean THEN clock_timestamp() END, updated_at = clock_timestamp()
        WHERE tenant_id = $1 AND task_id = $2 AND version = $3::bigint RETURNING ${TASK_COLUMNS}`,
      [
        task.tenantId,
        task.taskId,
        task.version - 1,
        task.status,
        task.statusReason,
        task.waitingFor === null ? null : jsonText(task.waitingFor),
        task.resumeTo,
        jsonText(task.attempts),
        jsonText(task.fixes),
        jsonText(task.input),
        jsonText(task.evidence),
        wake === 'now',
      ],
      UPDATE,
    )
    const row = result.rows[0]
    if (row === undefined) throw versionConflict(task.taskId, task.version - 1)
    return taskOfRow(row)
  }

  /** Lets an orchestrator look at the task, unless it has ended. @throws StorageError by code. */
  async wake(executor: SqlExecutor, { tenantId, taskId }: TaskKey): Promise<void> {
    await executor.query(
      `UPDATE tasks SET wake_at = clock_timestamp() WHERE tenant_id = $1 AND task_id = $2 AND ${OPEN}`,
      [tenantId, taskId],
    )
  }

  async #one(
    executor: SqlExecutor,
    { tenantId, taskId }: TaskKey,
    suffix: string,
    options?: QueryOptions,
  ): Promise<Task> {
    const result = await executor.query<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM tasks WHERE tenant_id = $1 AND task_id = $2 ${suffix}`,
      [tenantId, taskId],
      options,
    )
    const row = result.rows[0]
    if (row === undefined) throw TaskError.notFound(tenantId, taskId)
    return taskOfRow(row)
  }
}

/** The error of a transition decided on a version that is no longer the task's. */
export function versionConflict(taskId: string, version: number): TaskError {
  return new TaskError({
    code: 'TASK_VERSION_CONFLICT',
    message: `task ${taskId} is no longer at version ${version}`,
    retryable: true,
    details: { taskId, version },
  })
}
