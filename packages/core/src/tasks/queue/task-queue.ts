import { requireInteger, requireMethods, withDefaults } from '../../errors/index.ts'
import type { SqlDatabase, SqlTransaction } from '../../storage/index.ts'
import type { TaskKey } from '../task.ts'
import { parkTasks, unparkTasks } from './parked-tasks.ts'
import { LOOK_TOKEN, lookAt, type TaskLook } from './task-look.ts'
import type { TaskQuotas } from './task-quotas.ts'

/** What a {@link TaskQueue} is made of. */
export interface TaskQueueOptions {
  /** A database with the migration module `tasks`. Never closed here. */
  readonly database: SqlDatabase
  /** How many roots of a tenant may be at work at once. Default: any number. */
  readonly quotas?: TaskQuotas | undefined
  /** Milliseconds that a task is left to whoever looks at it, 100 to 3600000. Default 5000 (5 seconds). */
  readonly lookMs?: number | undefined
}

/** When a task is due that is woken, and in whose transaction. */
export interface TaskWakeOptions {
  /** Milliseconds until it is due, 0 to 86400000. Default 0. */
  readonly afterMs?: number | undefined
  /** The caller's transaction, in which it is done. Default: one of its own. */
  readonly tx?: SqlTransaction | undefined
}

interface DueRow {
  readonly tenant_id: string
  readonly task_id: string
  readonly needs_place: boolean
}

const DAY_MS = 86_400_000
const DEFAULTS = { database: undefined, quotas: undefined, lookMs: 5000 }

/** A root that has not begun. */
const NEEDS_PLACE = `(kind = 'root' AND NOT is_admitted AND status = 'submitted')`

/**
 * Which tasks an orchestrator should look at. Each look is given to one orchestrator at a time; one that dies loses
 * nothing, since its task is due again after `lookMs`.
 */
export class TaskQueue {
  readonly #database: SqlDatabase
  readonly #quotas: TaskQuotas | undefined
  readonly #lookMs: number

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: TaskQueueOptions) {
    const { database, quotas, lookMs } = withDefaults(options, DEFAULTS)
    this.#database = requireMethods('database', database, ['query', 'transaction'])
    this.#quotas = quotas
    this.#lookMs = requireInteger('lookMs', lookMs, { min: 100, max: 3_600_000 })
  }

  /**
   * Up to `limit` tasks (1 to 500, default 20) that are due, longest first. A submitted root is among them only while
   * its tenant has a place for it; otherwise it is parked, and comes, in the order of submission, when there is one.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async due({ limit = 20 }: { readonly limit?: number | undefined } = {}): Promise<readonly TaskLook[]> {
    requireInteger('limit', limit, { min: 1, max: 500 })
    const unparked =
      this.#quotas === undefined ? [] : await unparkTasks(this.#database, this.#quotas, limit, this.#lookMs)
    if (unparked.length === limit) return unparked
    const due = await this.#database.transaction(async (tx) => {
      // statement_timestamp() and not clock_timestamp(): an index can be searched up to a value that stands still. A step or
      // an effect that is being written refers to its task, and does not hide it.
      const { rows } = await tx.query<DueRow>(
        `SELECT tenant_id, task_id, ${NEEDS_PLACE} AS needs_place FROM tasks
          WHERE wake_at <= statement_timestamp() ORDER BY wake_at LIMIT $1::int FOR NO KEY UPDATE SKIP LOCKED`,
        [limit - unparked.length],
      )
      return this.#look(tx, rows)
    })
    return [...unparked, ...due]
  }

  /**
   * The look at one task, which a message told of; undefined where it is not due, so another looks at it, or has no
   * place yet.
   * @throws StorageError by code.
   */
  async take(key: TaskKey): Promise<TaskLook | undefined> {
    return this.#database.transaction(async (tx) => {
      const { rows } = await tx.query<DueRow>(
        `SELECT tenant_id, task_id, ${NEEDS_PLACE} AS needs_place FROM tasks
          WHERE tenant_id = $1 AND task_id = $2 AND wake_at <= clock_timestamp() FOR NO KEY UPDATE SKIP LOCKED`,
        [key.tenantId, key.taskId],
      )
      return (await this.#look(tx, rows))[0]
    })
  }

  /**
   * Ends a look that moved nothing: the task is due again in `afterMs` (0 to 86400000), or when it is woken; default
   * only then. False, and nothing changed, where it has been woken or moved meanwhile or the look took too long.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async settle(
    look: TaskLook,
    { afterMs }: { readonly afterMs?: number | undefined } = {},
  ): Promise<boolean> {
    if (afterMs !== undefined) requireInteger('afterMs', afterMs, { max: DAY_MS })
    // A wake writes the present instant. As long as the look's own lies ahead, no wake can be mistaken for it.
    const settled = await this.#database.query(
      `UPDATE tasks SET wake_at = clock_timestamp() + make_interval(secs => $4::float8 / 1000)
        WHERE tenant_id = $1 AND task_id = $2 AND ${LOOK_TOKEN} = $3::bigint AND wake_at > clock_timestamp()`,
      [look.tenantId, look.taskId, look.token, afterMs ?? null],
    )
    return settled.rowCount === 1
  }

  /**
   * Makes a task that has not ended due in `afterMs` (0 to 86400000, default 0), in `tx` where one is given; false where it
   * has ended, is unknown or waits for its place.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async wake({ tenantId, taskId }: TaskKey, { afterMs = 0, tx }: TaskWakeOptions = {}): Promise<boolean> {
    requireInteger('afterMs', afterMs, { max: DAY_MS })
    const woken = await (tx ?? this.#database).query(
      `UPDATE tasks SET wake_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
        WHERE tenant_id = $1 AND task_id = $2 AND status NOT IN ('completed', 'failed', 'cancelled')
          AND NOT (${NEEDS_PLACE} AND wake_at IS NULL)`,
      [tenantId, taskId, afterMs],
    )
    return woken.rowCount === 1
  }

  /** Gives the caller the tasks that `tx` has locked, save those without a place, which are parked. */
  async #look(tx: SqlTransaction, rows: readonly DueRow[]): Promise<readonly TaskLook[]> {
    const kept: TaskKey[] = []
    const submitted = new Map<string, TaskKey[]>()
    for (const { tenant_id: tenantId, task_id: taskId, needs_place: needsPlace } of rows) {
      if (!needsPlace) kept.push({ tenantId, taskId })
      else submitted.set(tenantId, [...(submitted.get(tenantId) ?? []), { tenantId, taskId }])
    }
    // In one order, so that no two looks wait for each other's tenants.
    for (const tenantId of [...submitted.keys()].sort()) {
      const mine = submitted.get(tenantId) ?? []
      const places = (await this.#quotas?.placesFor({ tenantId }, { tx })) ?? mine.length
      const begun = mine.slice(0, Math.max(0, places))
      kept.push(...begun)
      if (begun.length < mine.length) await parkTasks(tx, tenantId, begun)
    }
    return lookAt(tx, kept, this.#lookMs)
  }
}
