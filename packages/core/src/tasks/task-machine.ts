import { type Actor, requireActor } from '../audit/index.ts'
import { InvalidOptionError, requireInteger, requireOneOf } from '../errors/index.ts'
import { METRICS } from '../observability/index.ts'
import type { SqlTransaction } from '../storage/index.ts'
import { decideSettlement, type GivenAnswer, type Settlement } from './decide-settlement.ts'
import { PERSON_DECISIONS, type PersonDecision } from './persons-word.ts'
import type { NewChildTask, NewTask, Task, TaskKey } from './task.ts'
import { rootTask, storeTask } from './task-creation.ts'
import { TaskError } from './task-error.ts'
import {
  type ResolvedTaskMachineOptions,
  resolveTaskMachineOptions,
  type TaskMachineOptions,
} from './task-machine-options.ts'
import { TaskMove } from './task-move.ts'
import { TaskTrail } from './task-trail.ts'
import type { TransitionDecision, TransitionRequest } from './transition-decision.ts'

const MAX_TASKS_AT_ONCE = 1000
const MAX_REASON_LENGTH = 4000

/** What is asked of a task, and by whom. */
export interface TransitionCommand extends TransitionRequest {
  /** The task as the caller saw it; its version must still hold. */
  readonly task: Task
  /** Who asks; what the move makes is made in this name. */
  readonly actor: Actor
  /** Tasks that this move makes, if it is made. */
  readonly children?: readonly NewChildTask[] | undefined
}

/** How a command ended. `task` is the task as it stands now. */
export interface TransitionOutcome {
  readonly task: Task
  readonly decision: TransitionDecision
}

/** A task to make, and who makes it. */
export interface TaskCreation {
  readonly task: NewTask
  /** Who asks for it. */
  readonly actor: Actor
}

/** Tasks to make, and who makes them. */
export interface TasksCreation {
  /** At most 1000. */
  readonly tasks: readonly NewTask[]
  /** Who asks for them. */
  readonly actor: Actor
}

/** What a person answers to a task that asks. */
export interface SettleCommand {
  readonly task: TaskKey
  /** The question: `askedAtVersion` of what the task waits for, as its escalation says too. */
  readonly askedAtVersion: number
  readonly decision: PersonDecision
  /** The person. */
  readonly actor: Actor
  /** In the person's words, up to 4000 characters; feedback where another try is asked for. Default none. */
  readonly reason?: string | undefined
}

/**
 * Moves tasks through their states. Each move is one transaction: the guards decide on the locked row, and the row, the
 * tasks that the move makes, its fixes, its escalation, its events and its audit entries are written together or not at all.
 */
export class TaskMachine {
  readonly #options: ResolvedTaskMachineOptions
  readonly #trail: TaskTrail

  /** @throws InvalidOptionError `INVALID_OPTION`; TaskError `TASK_FIX_INVALID` when the fixes are another table's. */
  constructor(options: TaskMachineOptions) {
    this.#options = resolveTaskMachineOptions(options)
    this.#trail = new TaskTrail(this.#options)
  }

  /**
   * Makes a task in status `submitted`. The same id again is the same task: it is returned as it stands.
   * @throws TaskError `TASK_EXISTS` when the id belongs to a task of other content, `TASK_QUOTA_EXCEEDED` (retryable,
   * `details.retryAfterMs`) where the tenant has no room for it; InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async create({ task, actor }: TaskCreation): Promise<Task> {
    const [created] = await this.createMany({ tasks: [task], actor })
    // One in, one out.
    return created as Task
  }

  /**
   * As {@link create}, for up to 1000 tasks in one transaction: all of them or none. Returns them in the order given.
   * @throws as create.
   */
  async createMany({ tasks, actor }: TasksCreation): Promise<readonly Task[]> {
    requireActor(actor)
    requireInteger('tasks.length', tasks.length, { max: MAX_TASKS_AT_ONCE })
    const { database, store, limits, clock, tracer } = this.#options
    const parts = { store, trail: this.#trail, tracer }
    const complete = tasks.map((task) => rootTask(task, actor.id, limits))
    // In one order, whoever makes them: two that make the same tasks then wait for one another in turn.
    const ordered = complete.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    return database.transaction(async (tx) => {
      const created = new Map<string, Task>()
      const tenants = new Set<string>()
      for (const task of ordered) {
        const { stored, isNew } = await storeTask(tx, parts, task, actor, clock.now())
        created.set(idOf(task), stored)
        if (isNew) tenants.add(task.tenantId)
      }
      for (const tenantId of tenants) await this.#options.quotas?.requireRoom({ tenantId }, { tx })
      return complete.flatMap((task) => created.get(idOf(task)) ?? [])
    })
  }

  /**
   * Asks a task to change state and says what became of it: moved, waiting for a fix, or escalated. A task that ends
   * takes all that is open below it along: cancelled for the reason `parent-` and its status; its open steps are cancelled.
   * @throws TaskError `TASK_NOT_FOUND`, `TASK_TRANSITION_INVALID`, `TASK_STILL_WAITING` (retryable) while what it waits
   * for is open, `TASK_VERSION_CONFLICT` (retryable), `TASK_EVIDENCE_RESERVED`, `TASK_FAN_OUT_EXCEEDED`, `TASK_EXISTS`;
   * InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async transition(command: TransitionCommand): Promise<TransitionOutcome> {
    const actor = requireActor(command.actor)
    const { outcome, made } = await this.#options.database.transaction(async (tx) => {
      const move = new TaskMove(this.#options, this.#trail, actor)
      return { outcome: await move.make(tx, command), made: move }
    })
    this.#options.metrics.counter(METRICS.taskTransitions).increment({ to: outcome.task.status })
    this.#count(made)
    return outcome
  }

  /**
   * Writes a person's answer to what a task asks, the only way to the evidence `persons`, and says how the task stands
   * then: after `approve` and `retry` it waits for an orchestrator to move it on, after `reject` it has failed, after
   * `cancel` it is cancelled. The same answer again changes nothing. With `tx` it is written in a transaction of the
   * caller's; a refusal to an agent or a service is then left to the caller to record.
   * @throws TaskError `TASK_NEEDS_PERSON` where an agent or a service answers, `TASK_NOT_FOUND`, `TASK_NOT_ASKING`,
   * `TASK_ALREADY_SETTLED`; InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async settle(
    command: SettleCommand,
    { tx }: { readonly tx?: SqlTransaction | undefined } = {},
  ): Promise<Task> {
    const by = requireActor(command.actor)
    const answer = requireAnswer(command)
    if (by.kind !== 'human')
      throw tx === undefined ? await this.#refuse(command.task, by) : needsPerson(command.task, by)
    const settle = async (
      within: SqlTransaction,
    ): Promise<{ readonly task: Task; readonly made: TaskMove }> => {
      const made = new TaskMove(this.#options, this.#trail, by)
      const decide = (task: Task, now: Date): Settlement => decideSettlement(task, answer, now)
      return { task: await made.settle(within, command.task, decide), made }
    }
    const { task, made } = await (tx === undefined ? this.#options.database.transaction(settle) : settle(tx))
    this.#count(made)
    return task
  }

  #count({ counts, ended }: TaskMove): void {
    const { metrics } = this.#options
    const ends = metrics.counter(METRICS.tasksEnded)
    for (const { kind, status } of ended) ends.increment({ kind, status })
    const fixes = metrics.counter(METRICS.autoFix)
    for (const { guard, outcome } of counts) fixes.increment({ guard, outcome })
  }

  async #refuse(key: TaskKey, by: Actor): Promise<TaskError> {
    const refusal = needsPerson(key, by)
    await this.#options.database.transaction((tx) => this.#trail.refused(tx, key, by, refusal.code))
    return refusal
  }
}

function needsPerson({ taskId }: TaskKey, { id, kind }: Actor): TaskError {
  const message = `a person must answer for task ${taskId}, not ${id}`
  return new TaskError({ code: 'TASK_NEEDS_PERSON', message, details: { taskId, kind } })
}

function requireAnswer(command: SettleCommand): GivenAnswer {
  return {
    by: command.actor.id,
    decision: requireOneOf('decision', command.decision, PERSON_DECISIONS),
    askedAtVersion: requireInteger('askedAtVersion', command.askedAtVersion, { min: 1 }),
    note: requireReason(command.reason),
  }
}

function idOf({ tenantId, taskId }: TaskKey): string {
  return JSON.stringify([tenantId, taskId])
}

function requireReason(reason: string | undefined): string | null {
  if (reason === undefined) return null
  if (typeof reason !== 'string' || reason.length < 1 || reason.length > MAX_REASON_LENGTH)
    throw new InvalidOptionError('reason', `a string of 1 to ${MAX_REASON_LENGTH} characters`, reason)
  return reason
}
