import { type Actor, requireActor } from '../../audit/index.ts'
import { isGoldenError, requireInteger } from '../../errors/index.ts'
import { type Logger, silentLogger } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { type Clock, sleep, systemClock } from '../../time/index.ts'
import type { TaskSteps } from '../steps/task-steps.ts'
import type { TaskKey } from '../task.ts'
import type { TaskMachine } from '../task-machine.ts'
import { isFinalStatus } from '../task-status.ts'
import { TaskStore } from '../task-store.ts'

/** Why a task has failed whose deadline has passed. */
const DEADLINE_EXCEEDED = 'deadline-exceeded'

/** How often the counts of tasks are folded, and changes at once. */
const FOLD_INTERVAL_MS = 60_000
const FOLD_BATCH = 10_000

/** What a {@link TaskSweeper} is made of. */
export interface TaskSweeperOptions {
  readonly database: SqlDatabase
  readonly machine: Pick<TaskMachine, 'transition'>
  readonly steps: Pick<TaskSteps, 'recoverLost'>
  readonly store?: Pick<TaskStore, 'get' | 'foldCounts'>
  /** In whose name tasks fail. Default the service `task-sweeper`. */
  readonly actor?: Actor
  /** Milliseconds between sweeps, 100 to 86400000. Default 1000 (1 second). */
  readonly sweepIntervalMs?: number
  /** Tasks and steps that one sweep looks after, each, 1 to 1000. Default 100. */
  readonly batch?: number
  /** Where time comes from between sweeps; deadlines are the database's affair. Default the system clock. */
  readonly clock?: Clock
  /** Where a task that cannot be ended, and a failed sweep, are told; the next one tries again. Default: nowhere. */
  readonly logger?: Logger
}

/** What a sweep found. */
export interface TaskSweep {
  /** Tasks that failed because their deadline had passed. */
  readonly overdue: number
  /** Steps that were asked for again, since whoever held them is gone. */
  readonly requestedAgain: number
  /** Steps that failed for the same reason, as no run was left. */
  readonly failedSteps: number
}

/**
 * Ends tasks past their deadline, finds steps whose holders are gone, and folds the counts of tasks once a minute, in the
 * background; it may run in every process.
 */
export class TaskSweeper {
  readonly #options: Required<TaskSweeperOptions>

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: TaskSweeperOptions) {
    const { sweepIntervalMs = 1000, batch = 100 } = options
    this.#options = {
      database: options.database,
      machine: options.machine,
      steps: options.steps,
      store: options.store ?? new TaskStore(),
      actor: requireActor(options.actor ?? { id: 'task-sweeper', kind: 'service' }),
      sweepIntervalMs: requireInteger('sweepIntervalMs', sweepIntervalMs, { min: 100, max: 86_400_000 }),
      batch: requireInteger('batch', batch, { min: 1, max: 1000 }),
      clock: options.clock ?? systemClock,
      logger: options.logger ?? silentLogger,
    }
  }

  /**
   * Sweeps once: fails tasks that have not ended by their deadline for the reason `deadline-exceeded`, and recovers lost
   * steps. A task that cannot be ended is told to the logger and left to the next sweep.
   * @throws StorageError by code.
   */
  async sweep(): Promise<TaskSweep> {
    const { database, steps, batch } = this.#options
    const { rows } = await database.query<{ tenant_id: string; task_id: string }>(
      `SELECT tenant_id, task_id FROM tasks
        WHERE deadline_at <= statement_timestamp() AND status NOT IN ('completed', 'failed', 'cancelled')
        ORDER BY deadline_at LIMIT $1::int`,
      [batch],
    )
    let overdue = 0
    for (const row of rows) {
      if (await this.#endOverdue({ tenantId: row.tenant_id, taskId: row.task_id })) overdue++
    }
    const recovered = await steps.recoverLost(batch)
    return { overdue, requestedAgain: recovered.requested, failedSteps: recovered.failed }
  }

  /**
   * Sweeps at once and then at each interval until the signal fires, and resolves then. Failures are logged and tried
   * again.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { sweepIntervalMs, clock, logger } = this.#options
    let foldAt = Number.NEGATIVE_INFINITY
    while (!signal.aborted) {
      try {
        await this.sweep()
        const now = clock.now().getTime()
        if (now >= foldAt) {
          foldAt = now + FOLD_INTERVAL_MS
          await this.#fold(signal)
        }
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'a sweep for overdue tasks and lost steps failed')
      }
      // An abort ends the pause as its end does.
      await sleep(sweepIntervalMs, { signal, clock }).catch(() => undefined)
    }
  }

  /** While half of what one statement takes could be folded, there may be more. */
  async #fold(signal: AbortSignal): Promise<void> {
    const { database, store } = this.#options
    while (!signal.aborted) {
      if ((await store.foldCounts(database, FOLD_BATCH)) < FOLD_BATCH / 2) return
    }
  }

  /** True where this call has ended the task. */
  async #endOverdue(key: TaskKey): Promise<boolean> {
    const { database, machine, store, actor, logger } = this.#options
    try {
      const task = await store.get(database, key)
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
