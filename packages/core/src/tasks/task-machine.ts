import { createHash } from 'node:crypto'
import { type Actor, type AuditLog, requireActor, SqlAuditLog } from '../audit/index.ts'
import { requireInteger } from '../errors/index.ts'
import { type EventOutbox, SqlEventOutbox } from '../events/index.ts'
import { METRICS, type Metrics, silentMetrics } from '../observability/index.ts'
import { jsonText, type SqlDatabase, type SqlTransaction } from '../storage/index.ts'
import { type Clock, systemClock } from '../time/index.ts'
import { decideTransition, type RemediationPolicy, type TransitionDecision } from './decide-transition.ts'
import type { EscalationSink } from './escalation-sink.ts'
import type { NewTask, Task, TaskFacts } from './task.ts'
import { TaskError } from './task-error.ts'
import { createdEvent, transitionEvent } from './task-events.ts'
import { isFinalStatus, type TaskStatus } from './task-status.ts'
import { TaskStore, versionConflict } from './task-store.ts'
import type { TransitionTable } from './transition-table.ts'

/** Lengths that the table `tasks` takes. */
const MAX_ID_LENGTH = 256
const MAX_TITLE_LENGTH = 1000

/** What a {@link TaskMachine} is made of. */
export interface TaskMachineOptions {
  readonly database: SqlDatabase
  /** The moves that tasks may make, with their guards. */
  readonly table: TransitionTable
  /** Where tasks go that cannot be settled. */
  readonly escalations: EscalationSink
  /** Default `{ maxAttempts: 3 }`. */
  readonly policy?: RemediationPolicy
  /** Default the table `outbox`. */
  readonly outbox?: EventOutbox
  /** Default the table `audit_log`. */
  readonly audit?: AuditLog
  readonly store?: TaskStore
  readonly clock?: Clock
  readonly metrics?: Metrics
}

/** What is asked of a task, and by whom. */
export interface TransitionCommand {
  /** The task as the caller saw it; its version must still hold. */
  readonly task: Task
  readonly to: TaskStatus
  /** Who asks; what the move makes is made in this name. */
  readonly actor: Actor
  /** Merged over the task's evidence before the guards look, and kept with the task. */
  readonly evidence?: TaskFacts
  /** Why, on a move to `failed`, `escalated` or `cancelled`. */
  readonly reason?: string
  /** Tasks that this move makes, if it is made. */
  readonly children?: readonly NewTask[]
}

/** How a command ended. `task` is the task as it stands now. */
export interface TransitionOutcome {
  readonly task: Task
  readonly decision: TransitionDecision
}

/**
 * Moves tasks through their states. Each move is one transaction: the guards decide on the locked row, and the row, the
 * tasks that the move makes, its events and its audit entry are written together or not at all.
 */
export class TaskMachine {
  readonly #database: SqlDatabase
  readonly #table: TransitionTable
  readonly #escalations: EscalationSink
  readonly #policy: RemediationPolicy
  readonly #outbox: EventOutbox
  readonly #audit: AuditLog
  readonly #store: TaskStore
  readonly #clock: Clock
  readonly #metrics: Metrics

  /** @throws InvalidOptionError `INVALID_OPTION` when `policy.maxAttempts` is not 1 to 100. */
  constructor(options: TaskMachineOptions) {
    this.#database = options.database
    this.#table = options.table
    this.#escalations = options.escalations
    this.#policy = {
      maxAttempts: requireInteger('policy.maxAttempts', options.policy?.maxAttempts ?? 3, {
        min: 1,
        max: 100,
      }),
    }
    this.#outbox = options.outbox ?? new SqlEventOutbox()
    this.#audit = options.audit ?? new SqlAuditLog()
    this.#store = options.store ?? new TaskStore()
    this.#clock = options.clock ?? systemClock
    this.#metrics = options.metrics ?? silentMetrics
  }

  /**
   * Makes a task in status `pending`. The same id again is the same task: it is returned as it stands.
   * @throws TaskError `TASK_EXISTS` when the id belongs to a task of other content; InvalidOptionError `INVALID_OPTION` on
   * a bad actor; StorageError by code.
   */
  async create(task: NewTask, actor: Actor): Promise<Task> {
    requireActor(actor)
    return this.#database.transaction(async (tx) => {
      await this.#insert(tx, task, actor)
      return this.#store.get(tx, task)
    })
  }

  /**
   * Asks a task to change state and says what became of it: moved, given another attempt by a new remediation task
   * (status `remediating`), or escalated. A task that ends takes its open children and remediation tasks with it: they
   * are cancelled for the reason `parent-` and its status.
   * @throws TaskError `TASK_NOT_FOUND`, `TASK_TRANSITION_INVALID`, `TASK_VERSION_CONFLICT`; InvalidOptionError
   * `INVALID_OPTION` on a bad actor; StorageError by code.
   */
  async transition(command: TransitionCommand): Promise<TransitionOutcome> {
    requireActor(command.actor)
    const outcome = await this.#database.transaction(async (tx) => {
      const { taskId, version } = command.task
      const current = await this.#store.lock(tx, command.task)
      if (current.version !== version) throw versionConflict(taskId, version)
      const now = this.#clock.now()
      const decision = decideTransition(current, command, this.#table, this.#policy, now)
      const task = await this.#write(tx, current, decision, command, now)
      await this.#follow(tx, command, task, decision)
      if (isFinalStatus(task.status)) await this.#cancelBelow(tx, task, command.actor, now)
      return { task, decision }
    })
    this.#metrics.counter(METRICS.taskTransitions).increment({ to: outcome.task.status })
    return outcome
  }

  async #write(
    tx: SqlTransaction,
    current: Task,
    decision: TransitionDecision,
    command: { readonly actor: Actor; readonly to: TaskStatus },
    now: Date,
  ): Promise<Task> {
    const task = await this.#store.update(tx, applied(current, decision))
    await this.#outbox.append(tx, [transitionEvent(current, task, decision, now)])
    await this.#audit.append(tx, {
      tenantId: task.tenantId,
      actor: command.actor,
      action: 'task.transition',
      resource: `task/${task.taskId}`,
      outcome: decision.kind === 'moved' ? 'allowed' : 'denied',
      details: { from: current.status, asked: command.to, to: task.status },
    })
    return task
  }

  /** Nobody works on the parts of a task that has ended: left open, they would stay so for ever. */
  async #cancelBelow(tx: SqlTransaction, parent: Task, actor: Actor, now: Date): Promise<void> {
    for (const child of await this.#store.children(tx, parent)) {
      if (isFinalStatus(child.status)) continue
      const current = await this.#store.lock(tx, child)
      if (isFinalStatus(current.status)) continue
      const { evidence } = current
      const decision = {
        kind: 'moved',
        to: 'cancelled',
        reason: `parent-${parent.status}`,
        evidence,
      } as const
      const task = await this.#write(tx, current, decision, { actor, to: 'cancelled' }, now)
      await this.#cancelBelow(tx, task, actor, now)
    }
  }

  async #follow(
    tx: SqlTransaction,
    command: TransitionCommand,
    task: Task,
    decision: TransitionDecision,
  ): Promise<void> {
    if (decision.kind === 'remediation') {
      await this.#insert(tx, remediationTask(task, decision), command.actor)
      return
    }
    if (decision.kind === 'escalation' || decision.to === 'escalated') {
      await this.#escalations.raise(tx, {
        tenantId: task.tenantId,
        projectId: task.projectId,
        taskId: task.taskId,
        reason: decision.reason ?? 'unspecified',
        level: 'supervisor',
        details:
          decision.kind === 'escalation'
            ? { guard: decision.guard, feedback: decision.feedback }
            : { asked: command.to },
      })
      return
    }
    for (const child of command.children ?? []) await this.#insert(tx, child, command.actor)
  }

  async #insert(tx: SqlTransaction, task: NewTask, actor: Actor): Promise<void> {
    const isNew = await this.#store.insert(tx, task, actor.id)
    if (!isNew) {
      await this.#requireSame(tx, task)
      return
    }
    await this.#outbox.append(tx, [createdEvent(task, this.#clock.now())])
    await this.#audit.append(tx, {
      tenantId: task.tenantId,
      actor,
      action: 'task.create',
      resource: `task/${task.taskId}`,
      outcome: 'allowed',
      details: { kind: task.kind },
    })
  }

  async #requireSame(tx: SqlTransaction, task: NewTask): Promise<void> {
    const same = await tx.query<{ same: boolean }>(
      `SELECT project_id = $3 AND title = $4 AND input = $5::jsonb AND kind = $6
              AND parent_task_id IS NOT DISTINCT FROM $7 AS same
         FROM tasks WHERE tenant_id = $1 AND task_id = $2`,
      [
        task.tenantId,
        task.taskId,
        task.projectId,
        task.title,
        jsonText(task.input),
        task.kind,
        task.parentTaskId ?? null,
      ],
    )
    if (same.rows[0]?.same === true) return
    throw new TaskError({
      code: 'TASK_EXISTS',
      message: `task ${task.taskId} exists with other content`,
      details: { tenantId: task.tenantId, taskId: task.taskId },
    })
  }
}

function applied(task: Task, decision: TransitionDecision): Task {
  const evidence = decision.evidence
  if (decision.kind === 'moved')
    return { ...task, evidence, status: decision.to, statusReason: decision.reason }
  if (decision.kind === 'escalation')
    return { ...task, evidence, status: 'escalated', statusReason: decision.reason }
  return {
    ...task,
    evidence,
    status: 'remediating',
    statusReason: decision.reason,
    attempts: { ...task.attempts, [decision.step]: decision.attempt },
  }
}

type Remediation = Extract<TransitionDecision, { kind: 'remediation' }>

function remediationTask(task: Task, decision: Remediation): NewTask {
  const { guard, step, attempt, feedback } = decision
  return {
    tenantId: task.tenantId,
    taskId: remediationId(task.taskId, `/${step}-${attempt}`),
    projectId: task.projectId,
    parentTaskId: task.taskId,
    kind: 'remediation',
    title: withEnding(task.title, `: ${step}, attempt ${attempt}`, MAX_TITLE_LENGTH),
    input: { guard, step, attempt, feedback },
  }
}

/** Too long for an id, the task's own is named by its digest. */
function remediationId(taskId: string, ending: string): string {
  const id = `${taskId}${ending}`
  return id.length <= MAX_ID_LENGTH ? id : `${createHash('sha256').update(taskId).digest('hex')}${ending}`
}

/** The text cut so that the ending fits behind it, in whole characters as PostgreSQL counts them. */
function withEnding(text: string, ending: string, maxLength: number): string {
  return [...text].slice(0, maxLength - ending.length).join('') + ending
}
