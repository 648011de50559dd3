import {
  jsonText,
  type Page,
  type PageOptions,
  pageBounds,
  pageOf,
  type SqlExecutor,
  type SqlTransaction,
} from '../storage/index.ts'
import type { NewTask, Task, TaskFacts, TaskKey, TaskKind } from './task.ts'
import { TaskError } from './task-error.ts'
import type { TaskStatus } from './task-status.ts'

interface TaskRow {
  readonly tenant_id: string
  readonly task_id: string
  readonly project_id: string
  readonly parent_task_id: string | null
  readonly kind: TaskKind
  readonly title: string
  readonly status: TaskStatus
  readonly status_reason: string | null
  readonly version: bigint
  readonly attempts: Record<string, number>
  readonly input: TaskFacts
  readonly evidence: TaskFacts
  readonly created_by: string
  readonly created_at: Date
  readonly updated_at: Date
  readonly position: bigint
}

const COLUMNS = `tenant_id, task_id, project_id, parent_task_id, kind, title, status, status_reason, version, attempts,
  input, evidence, created_by, created_at, updated_at, position`

/** What a page of tasks is asked by. */
export interface TaskListOptions extends PageOptions {
  readonly tenantId: string
  readonly projectId?: string
  readonly status?: TaskStatus
  readonly createdBy?: string
  /** Default: every kind. */
  readonly kind?: TaskKind
}

/** The tables of tasks, read and written with whatever executor the caller holds. */
export class TaskStore {
  /**
   * Adds a task in status `pending`; false, and nothing changed, where its id is taken.
   * @throws StorageError by code.
   */
  async insert(tx: SqlTransaction, task: NewTask, createdBy: string): Promise<boolean> {
    const result = await tx.query(
      `INSERT INTO tasks (tenant_id, task_id, project_id, parent_task_id, kind, title, input, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)
       ON CONFLICT (tenant_id, task_id) DO NOTHING`,
      [
        task.tenantId,
        task.taskId,
        task.projectId,
        task.parentTaskId ?? null,
        task.kind,
        task.title,
        jsonText(task.input),
        createdBy,
      ],
    )
    return result.rowCount === 1
  }

  /** @throws TaskError `TASK_NOT_FOUND`; StorageError by code. */
  async get(executor: SqlExecutor, key: TaskKey): Promise<Task> {
    return this.#one(executor, key, '')
  }

  /**
   * As {@link get}, and no other transaction changes the task until `tx` ends.
   * @throws TaskError `TASK_NOT_FOUND`; StorageError by code.
   */
  async lock(tx: SqlTransaction, key: TaskKey): Promise<Task> {
    return this.#one(tx, key, 'FOR UPDATE')
  }

  /**
   * The children and remediation tasks of a task, oldest first, 1000 at most.
   * @throws StorageError by code.
   */
  async children(executor: SqlExecutor, { tenantId, taskId }: TaskKey): Promise<readonly Task[]> {
    const result = await executor.query<TaskRow>(
      `SELECT ${COLUMNS} FROM tasks WHERE tenant_id = $1 AND parent_task_id = $2 ORDER BY position LIMIT 1000`,
      [tenantId, taskId],
    )
    return result.rows.map(fromRow)
  }

  /** A page of tasks, oldest first. @throws InvalidOptionError `INVALID_OPTION` on a bad limit or cursor; StorageError by code. */
  async list(executor: SqlExecutor, options: TaskListOptions): Promise<Page<Task>> {
    const { limit, position } = pageBounds(options)
    const result = await executor.query<TaskRow>(
      `SELECT ${COLUMNS} FROM tasks
        WHERE tenant_id = $1 AND position > $2::bigint
          AND ($3::text IS NULL OR project_id = $3) AND ($4::text IS NULL OR status = $4)
          AND ($5::text IS NULL OR created_by = $5) AND ($6::text IS NULL OR kind = $6)
        ORDER BY position LIMIT $7::int`,
      [
        options.tenantId,
        position ?? 0n,
        options.projectId ?? null,
        options.status ?? null,
        options.createdBy ?? null,
        options.kind ?? null,
        limit + 1,
      ],
    )
    return pageOf(result.rows, limit, fromRow, (row) => row.position)
  }

  /**
   * How many tasks of a tenant stand in each status.
   * @throws StorageError by code.
   */
  async countByStatus(executor: SqlExecutor, tenantId: string): Promise<Readonly<Record<string, number>>> {
    const result = await executor.query<{ status: string; count: bigint }>(
      'SELECT status, count(*) AS count FROM tasks WHERE tenant_id = $1 GROUP BY status',
      [tenantId],
    )
    return Object.fromEntries(result.rows.map((row) => [row.status, Number(row.count)]))
  }

  /**
   * Writes what a transition changes, if the task still has `task.version`, and returns the task as it stands then.
   * @throws TaskError `TASK_VERSION_CONFLICT` (retryable) when another transition came first.
   */
  async update(tx: SqlTransaction, task: Task): Promise<Task> {
    const result = await tx.query<TaskRow>(
      `UPDATE tasks SET status = $4, status_reason = $5, attempts = $6::jsonb, evidence = $7::jsonb,
              version = version + 1, failed_runs = 0, updated_at = clock_timestamp()
        WHERE tenant_id = $1 AND task_id = $2 AND version = $3::bigint RETURNING ${COLUMNS}`,
      [
        task.tenantId,
        task.taskId,
        task.version,
        task.status,
        task.statusReason,
        jsonText(task.attempts),
        jsonText(task.evidence),
      ],
    )
    const row = result.rows[0]
    if (row === undefined) throw versionConflict(task.taskId, task.version)
    return fromRow(row)
  }

  async #one(executor: SqlExecutor, { tenantId, taskId }: TaskKey, suffix: string): Promise<Task> {
    const result = await executor.query<TaskRow>(
      `SELECT ${COLUMNS} FROM tasks WHERE tenant_id = $1 AND task_id = $2 ${suffix}`,
      [tenantId, taskId],
    )
    const row = result.rows[0]
    if (row === undefined) throw TaskError.notFound(tenantId, taskId)
    return fromRow(row)
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

function fromRow(row: TaskRow): Task {
  return {
    tenantId: row.tenant_id,
    taskId: row.task_id,
    projectId: row.project_id,
    parentTaskId: row.parent_task_id,
    kind: row.kind,
    title: row.title,
    status: row.status,
    statusReason: row.status_reason,
    version: Number(row.version),
    attempts: row.attempts,
    input: row.input,
    evidence: row.evidence,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
