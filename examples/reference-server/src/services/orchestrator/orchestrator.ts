import type { BudgetController } from '@golden-arch/budget'
import type { Actor } from '@golden-arch/core/audit'
import { isGoldenError, retryOf } from '@golden-arch/core/errors'
import type { Logger, Tracer } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import {
  isFinalStatus,
  type NewChildTask,
  type Task,
  type TaskKey,
  type TaskLook,
  type TaskMachine,
  type TaskQueue,
  type TaskSteps,
} from '@golden-arch/core/tasks'
import { withLogContext } from '../../telemetry/log-context.ts'
import { ensureBudget } from '../ensure-budget.ts'
import { CANNOT_GO_ON } from './escalation-reasons.ts'
import { FailureCounts } from './failure-counts.ts'
import { loadSituation } from './load-situation.ts'
import type { NextMove, Situation, WorkLimits } from './move-decision.ts'
import { nextMove } from './next-move.ts'
import { ensurePartBudgets } from './part-budgets.ts'

/** What an {@link Orchestrator} is made of. */
export interface OrchestratorOptions {
  readonly database: SqlDatabase
  readonly machine: TaskMachine
  readonly steps: TaskSteps
  readonly queue: TaskQueue
  readonly budgets: BudgetController
  readonly logger: Logger
  readonly tracer: Tracer
  readonly limits: WorkLimits
  /** What a tenant's project may spend, in tokens, until people set another limit. */
  readonly projectLimitTokens: number
  /** What one task with its parts may spend, in tokens. */
  readonly taskLimitTokens: number
}

const ACTOR: Actor = { id: 'orchestrator', kind: 'service' }
/** Looks at one task that may fail one after the other before it is given up. */
const MAX_FAILED_LOOKS = 5
const FIRST_PAUSE_MS = 1000

/**
 * Moves coding tasks: looks at one, decides what is next by what is stored, and stores that. It holds nothing between
 * two looks, so that any process may go on with any task; whoever moves a task names the version that was decided on.
 */
export class Orchestrator {
  readonly #options: OrchestratorOptions
  readonly #failures = new FailureCounts()

  constructor(options: OrchestratorOptions) {
    this.#options = options
  }

  /** Looks at the tasks that are due, `limit` at most, and says how many those were. @throws StorageError by code. */
  async advanceDue(limit: number): Promise<number> {
    const looks = await this.#options.queue.due({ limit })
    for (const look of looks) await this.#advance([look])
    return looks.length
  }

  /** Goes on with a task, and with those that its moves concern, as far as they can go now. @throws StorageError by code. */
  async advance(key: TaskKey): Promise<void> {
    await this.#advance([key])
  }

  async #advance(keys: (TaskKey | TaskLook)[]): Promise<void> {
    for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
      const look = 'token' in key ? key : await this.#options.queue.take(key)
      if (look === undefined) continue
      keys.push(...(await this.#observed(look)))
    }
  }

  /** A look below what told of the task, or else where the task was made. */
  #observed(look: TaskLook): Promise<readonly TaskKey[]> {
    const { tracer } = this.#options
    const { tenantId, taskId } = look
    const parent = tracer.activeContext() ?? look.trace ?? null
    const attributes = { 'golden_arch.tenant_id': tenantId, 'golden_arch.task_id': taskId }
    return withLogContext({ tenant_id: tenantId, task_id: taskId }, () =>
      tracer.trace('look at task', { parent, attributes }, () => this.#look(look)),
    )
  }

  /** One look at one task; gives the tasks to look at next. */
  async #look(look: TaskLook): Promise<readonly TaskKey[]> {
    const { database, steps, limits } = this.#options
    try {
      const situation = await loadSituation(database, steps, look)
      const next = nextMove(situation, limits)
      const concerned = await this.#do(next, situation)
      this.#failures.forget(look)
      return (await this.#end(look, next)) ? concerned : [...concerned, keyOf(look)]
    } catch (error) {
      // Another moved it, or ended it: what it has become is looked at anew.
      if (isGoldenError(error, 'TASK_VERSION_CONFLICT') || isGoldenError(error, 'TASK_ENDED'))
        return [keyOf(look)]
      await this.#fail(look, error)
      return []
    }
  }

  async #do(next: NextMove, situation: Situation): Promise<readonly TaskKey[]> {
    const { database, machine, steps } = this.#options
    const { task } = situation
    switch (next.kind) {
      case 'wait':
        return []
      case 'request': {
        const { tenantId, taskId, version } = task
        await database.transaction((tx) =>
          steps.request({ tenantId, taskId, taskVersion: version, ...next.step }, { tx }),
        )
        return []
      }
      case 'start': {
        for (const part of next.parts) await machine.transition({ task: part, to: 'executing', actor: ACTOR })
        return next.parts.map(keyOf)
      }
      case 'move': {
        const { kind: _, ...asked } = next
        await this.#ensureBudgets(task, asked.children ?? [])
        const outcome = await machine.transition({ task, actor: ACTOR, ...asked })
        return concernedBy(outcome.task)
      }
    }
  }

  /**
   * Budgets come before whoever spends from them: a project's and a root's before it is worked on, its parts' before they are made. Whoever
   * hands in a task does not wait for them: budgets of one tenant are made one after the other.
   */
  async #ensureBudgets(task: Task, children: readonly NewChildTask[]): Promise<void> {
    const { budgets, projectLimitTokens, taskLimitTokens } = this.#options
    const { tenantId, projectId, taskId, parentTaskId, status } = task
    if (parentTaskId === null && (status === 'submitted' || status === 'escalated')) {
      await ensureBudget(budgets, { tenantId, projectId }, projectLimitTokens, ACTOR.id)
      await ensureBudget(budgets, { tenantId, projectId, taskId }, taskLimitTokens, ACTOR.id)
    }
    if (children.length > 0) await ensurePartBudgets(budgets, task, children, taskLimitTokens)
  }

  /** Ends a look that moved nothing; false where the task was woken meanwhile. */
  async #end(look: TaskLook, next: NextMove): Promise<boolean> {
    return next.kind === 'move' ? true : this.#options.queue.settle(look)
  }

  /** A look that failed is tried again after a pause; a task whose looks fail again and again, by what does not pass, is given up. */
  async #fail(look: TaskLook, error: unknown): Promise<void> {
    const { queue, logger } = this.#options
    const { tenantId, taskId } = look
    const failures = this.#failures.count(look)
    const afterMs = FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10)
    logger.error({ err: error, tenantId, taskId, failures, afterMs }, 'a look at a task failed')
    const isPassing = isGoldenError(error) && retryOf(error).retryable
    if (failures >= MAX_FAILED_LOOKS && !isPassing && (await this.#giveUp(look, error))) return
    await queue.settle(look, { afterMs }).catch((failure: unknown) => {
      // The look lapses by itself.
      logger.warn({ err: failure, tenantId, taskId }, 'a task could not be put to rest')
    })
  }

  /** Asks a person; a remediation task fails in place of that, and the one above goes on without it. */
  async #giveUp(look: TaskLook, error: unknown): Promise<boolean> {
    const { database, machine, steps, logger } = this.#options
    try {
      const { task } = await loadSituation(database, steps, look)
      const question = String(error instanceof Error ? error.message : error).slice(0, 500)
      const isFix = task.kind === 'remediation'
      const asked = isFix ? ({ to: 'failed' } as const) : ({ to: 'escalated', question } as const)
      await machine.transition({ task, actor: ACTOR, reason: CANNOT_GO_ON, ...asked })
      return true
    } catch (failure) {
      logger.error({ err: failure, taskId: look.taskId }, 'a task that cannot go on could not be given up')
      return false
    }
  }
}

/** The tasks that may have something to do after a move of this one. */
function concernedBy(task: Task): readonly TaskKey[] {
  const { tenantId, parentTaskId, waitingFor, status } = task
  if (isFinalStatus(status)) return parentTaskId === null ? [] : [{ tenantId, taskId: parentTaskId }]
  if (waitingFor?.kind === 'fix') return [{ tenantId, taskId: waitingFor.taskId }]
  return [keyOf(task)]
}

function keyOf({ tenantId, taskId }: TaskKey): TaskKey {
  return { tenantId, taskId }
}
