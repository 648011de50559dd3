import { type Actor, requireActor } from '../../audit/index.ts'
import { isGoldenError, requireInteger, requireMethods, withDefaults } from '../../errors/index.ts'
import { type Logger, silentLogger } from '../../observability/index.ts'
import { type ForgetOptions, requireRetention, type SqlDatabase } from '../../storage/index.ts'
import { type Clock, repeat, systemClock } from '../../time/index.ts'
import type { TaskSteps } from '../steps/task-steps.ts'
import type { TaskKey } from '../task.ts'
import type { TaskMachine } from '../task-machine.ts'
import { isFinalStatus } from '../task-status.ts'
import { TaskStore } from '../task-store.ts'
import { forgetTasks } from './forget-tasks.ts'

/** Why a task has failed whose deadline has passed. */
const DEADLINE_EXCEEDED = 'deadline-exceeded'

/** How often the counts of tasks are folded and old tasks forgotten, and how many changes at once. */
const HOUSEKEEPING_INTERVAL_MS = 60_000
const FOLD_BATCH = 10_000
/** Roots that one sweep forgets: few, as deadlines wait meanwhile. Where there are more the next sweep goes on. */
const FORGET_LIMIT = 200

/** What a {@link TaskSweeper} is made of. */
export interface TaskSweeperOptions {
  /** A database with the migration module `tasks`. Never closed here. */
  readonly database: SqlDatabase
  /** What ends tasks past their deadline. */
  readonly machine: Pick<TaskMachine, 'transition'>
  /** What recovers steps whose holders are gone. */
  readonly steps: Pick<TaskSteps, 'recoverLost'>
  /** The table of tasks. Default a `TaskStore`. */
  readonly store?: Pick<TaskStore, 'get' | 'foldCounts'> | undefined
  /** In whose name tasks fail. Default the service `task-sweeper`. */
  readonly actor?: Actor | undefined
  /** Milliseconds between sweeps, 100 to 86400000. Default 1000 (1 second). */
  readonly pollIntervalMs?: number | undefined
  /** Tasks and steps that one sweep looks after, each, 1 to 1000. Default 100. */
  readonly maxBatchLength?: number | undefined
  /** Milliseconds since its end for which a root is kept, with all below it, 1 day to 10 years. Default: for ever. */
  readonly retentionMs?: number | undefined
  /** Where time comes from between sweeps; deadlines are the database's affair. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where a task that cannot be ended, and a failed sweep, are told; the next one tries again. Default: none. */
  readonly logger?: Logger | undefined
}

/** What a sweep found. */
export interface TaskSweep {
  /** Tasks that failed because their deadline had passed. */
  readonly overdue: number
  /** Steps that were asked for again, since whoever held them is gone. */
  readonly requestedAgain: number
  /** Steps that failed for the same reason, as no run was left. */
  readonly failedSteps: number
  /** Roots that were forgotten, each with all below it. */
  readonly forgotten: number
}

const DEFAULTS = {
  database: undefined,
  machine: undefined,
  steps: undefined,
  store: undefined,
  actor: { id: 'task-sweeper', kind: 'service' } as const,
  pollIntervalMs: 1000,
  maxBatchLength: 100,
  retentionMs: undefined,
  clock: systemClock,
  logger: silentLogger,
}

/**
 * Ends tasks past their deadline, finds steps whose holders are gone, and once a minute folds the counts of tasks and
 * forgets what ended long ago; it may run in every process.
 */
export class TaskSweeper {
  readonly #options
  readonly #store: Pick<TaskStore, 'get' | 'foldCounts'>
  #housekeepingAtMs = Number.NEGATIVE_INFINITY

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: TaskSweeperOptions) {
    const given = withDefaults(options, DEFAULTS)
    requireMethods('database', given.database, ['query', 'transaction'])
    requireMethods('machine', given.machine, ['transition'])
    requireMethods('steps', given.steps, ['recoverLost'])
    requireActor(given.actor)
    requireInteger('pollIntervalMs', given.pollIntervalMs, { min: 100, max: 86_400_000 })
    requireInteger('maxBatchLength', given.maxBatchLength, { min: 1, max: 1000 })
    if (given.retentionMs !== undefined) requireRetention(given.retentionMs)
    this.#options = given
    this.#store = given.store ?? new TaskStore()
  }

  /**
   * Sweeps once: fails tasks that have not ended by their deadline for the reason `deadline-exceeded`, recovers lost steps,
   * and where it has not done so for a minute folds the counts of tasks and forgets old ones, at most 200 roots; the next
   * sweep goes on with the rest. A task that cannot be ended is told to the logger and left to the next sweep. `signal`
   * stops before the next act.
   * @throws StorageError by code.
   */
  async runOnce({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<TaskSweep> {
    const { database, steps, maxBatchLength, clock } = this.#options
    const { rows } = await database.query<{ tenant_id: string; task_id: string }>(
      `SELECT tenant_id, task_id FROM tasks
        WHERE deadline_at <= statement_timestamp() AND status NOT IN ('completed', 'failed', 'cancelled')
        ORDER BY deadline_at LIMIT $1::int`,
      [maxBatchLength],
    )
    let overdue = 0
    for (const row of rows) {
      if (signal?.aborted) break
      if (await this.#endOverdue({ tenantId: row.tenant_id, taskId: row.task_id })) overdue++
    }
    const recovered = signal?.aborted ? NOTHING_RECOVERED : await steps.recoverLost({ limit: maxBatchLength })
    const nowMs = clock.monotonicMs()
    let forgotten = 0
    if (nowMs >= this.#housekeepingAtMs && !signal?.aborted) {
      // First: what fails each time must not make each sweep fail, and the pauses before deadlines are looked at longer.
      this.#housekeepingAtMs = nowMs + HOUSEKEEPING_INTERVAL_MS
      await this.#fold(signal)
      forgotten = await this.#forget(signal)
      if (forgotten >= FORGET_LIMIT) this.#housekeepingAtMs = nowMs
    }
    return { overdue, requestedAgain: recovered.requested, failedSteps: recovered.failed, forgotten }
  }

  /**
   * Sweeps at once and then at each interval until the signal fires, and resolves then. Failures are logged and tried
   * again after a pause that grows.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { pollIntervalMs, clock, logger } = this.#options
    await repeat(
      async () => {
        await this.runOnce({ signal })
      },
      {
        signal,
        pollIntervalMs,
        clock,
        onFailure: (err, failure) => logger.warn({ err, ...failure }, 'a sweep of tasks failed'),
      },
    )
  }

  /**
   * Removes roots that ended `retentionMs` ago or before, each with its children, remediation tasks, steps, fixes and effects,
   * oldest first and in small transactions; how many roots. A root below which anything is open is kept. Nothing else is
   * touched: the audit log, events, budgets, escalations, reviews and failures keep the ids of such tasks, and
   * {@link TaskStore.countByStatus} counts what is kept. An id that was forgotten can be used anew, but the events of its tasks
   * have the same ids: keep tasks for longer than the outbox and the inboxes keep theirs, or those of the second are not told.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async forgetEnded(options: ForgetOptions): Promise<number> {
    return forgetTasks(this.#options.database, options)
  }

  async #forget(signal: AbortSignal | undefined): Promise<number> {
    const { retentionMs } = this.#options
    return retentionMs === undefined ? 0 : this.forgetEnded({ retentionMs, limit: FORGET_LIMIT, signal })
  }

  /** While half of what one statement takes could be folded, there may be more. */
  async #fold(signal: AbortSignal | undefined): Promise<void> {
    while (!signal?.aborted) {
      if ((await this.#store.foldCounts(this.#options.database, FOLD_BATCH)) < FOLD_BATCH / 2) return
    }
  }

  /** True where this call has ended the task. */
  async #endOverdue(key: TaskKey): Promise<boolean> {
    const { database, machine, actor, logger } = this.#options
    try {
      const task = await this.#store.get(database, key)
      // With its parent a task ends too.
      if (isFinalStatus(task.status)) return false
      await machine.transition({ task, to: 'failed', actor, reason: DEADLINE_EXCEEDED })
      return true
    } catch (error) {
      // Whoever moved it was first; it is overdue still, or has ended.
      if (!isGoldenError(error, 'TASK_VERSION_CONFLICT'))
        logger.error({ err: error, taskId: key.taskId }, 'a task past its deadline could not be ended')
      return false
    }
  }
}

const NOTHING_RECOVERED = { requested: 0, failed: 0 }
