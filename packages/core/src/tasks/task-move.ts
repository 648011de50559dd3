import type { Actor } from '../audit/index.ts'
import type { SqlTransaction } from '../storage/index.ts'
import { applyDecision, type TaskChange } from './apply-decision.ts'
import type { FixOutcome } from './auto-fix.ts'
import type { Settlement } from './decide-settlement.ts'
import { decideTransition } from './decide-transition.ts'
import { type EndingFixes, endFixes, insertFix } from './fix-records.ts'
import { remediationIdOf, remediationTask } from './remediation-task.ts'
import { cancelSteps } from './steps/cancel-steps.ts'
import type { NewChildTask, Task, TaskKey } from './task.ts'
import { storeChildren, storeTask, type TaskCreationParts, taskBelow } from './task-creation.ts'
import { TaskError } from './task-error.ts'
import type { ResolvedTaskMachineOptions } from './task-machine-options.ts'
import { isFinalStatus, type TaskStatus } from './task-status.ts'
import { versionConflict } from './task-store.ts'
import type { TaskTrail } from './task-trail.ts'
import type { FixTry, MovedDecision, TransitionDecision, TransitionRequest } from './transition-decision.ts'

/** A fix to be counted, once the transaction has held. */
export interface FixCount {
  readonly guard: string
  readonly outcome: FixOutcome | 'exhausted'
}

/** A task that ended. */
export type EndedTask = Pick<Task, 'kind' | 'status'>

interface MoveCommand extends TransitionRequest {
  readonly task: Task
  readonly children?: readonly NewChildTask[] | undefined
}

/** One command of a machine, within its transaction. Locks are taken from above: a parent, the task, what is below it. */
export class TaskMove {
  /** What is to be counted, once the transaction has held. */
  readonly counts: FixCount[] = []
  /** Tasks that ended, to be counted likewise. */
  readonly ended: EndedTask[] = []
  readonly #options: ResolvedTaskMachineOptions
  readonly #trail: TaskTrail
  readonly #actor: Actor

  constructor(options: ResolvedTaskMachineOptions, trail: TaskTrail, actor: Actor) {
    this.#options = options
    this.#trail = trail
    this.#actor = actor
  }

  /** Asks a task to change state. */
  async make(
    tx: SqlTransaction,
    command: MoveCommand,
  ): Promise<{ readonly task: Task; readonly decision: TransitionDecision }> {
    const current = await this.#lock(tx, command.task)
    const { taskId, version } = command.task
    if (current.version !== version) throw versionConflict(taskId, version)
    await this.#requireWaitOver(tx, current, command.to)
    const now = this.#options.clock.now()
    const decision = decideTransition(current, command, this.#options, now)
    const task = await this.#write(tx, current, decision, applyDecision(current, decision), now)
    await this.#recordFixes(tx, task, decision, now)
    if (decision.kind === 'moved' && decision.to === command.to) {
      const { children = [] } = command
      await storeChildren(tx, this.#creation(), task, children, { actor: this.#actor, now })
    }
    return { task, decision }
  }

  /** Takes a person's answer to what a task asks. */
  async settle(
    tx: SqlTransaction,
    key: TaskKey,
    decide: (task: Task, now: Date) => Settlement,
  ): Promise<Task> {
    const { store, clock } = this.#options
    const known = await store.get(tx, key)
    const current = await this.#lock(tx, known)
    const now = clock.now()
    const settlement = decide(current, now)
    if (settlement.kind === 'unchanged') return current
    const { task, word } = settlement
    const isEnd = isFinalStatus(task.status)
    const written = isEnd
      ? await this.#write(tx, current, endDecision(task, current), { task, wake: 'never' }, now)
      : await store.update(tx, { task, wake: 'now' })
    await this.#trail.settled(tx, written, word, this.#actor, now)
    if (word.decision !== 'approve') await this.#endFixes(tx, current, 'failed', {}, now)
    return written
  }

  /** A parent first: who ends it takes its children along, and two that wait for one another would wait for ever. */
  async #lock(tx: SqlTransaction, { tenantId, taskId, parentTaskId }: Task): Promise<Task> {
    const { store } = this.#options
    if (parentTaskId !== null) await store.lock(tx, { tenantId, taskId: parentTaskId })
    return store.lock(tx, { tenantId, taskId })
  }

  async #requireWaitOver(tx: SqlTransaction, task: Task, to: TaskStatus): Promise<void> {
    const { waitingFor } = task
    if (waitingFor === null || waitingFor.kind === 'approval') return
    if (to === 'escalated' || to === 'failed' || to === 'cancelled') return
    const { store } = this.#options
    const isOpen =
      waitingFor.kind === 'children'
        ? (await store.countChildren(tx, task, 'child')).open > 0
        : !isFinalStatus((await store.get(tx, { ...task, taskId: waitingFor.taskId })).status)
    if (!isOpen) return
    throw new TaskError({
      code: 'TASK_STILL_WAITING',
      message: `task ${task.taskId} waits for ${waitingFor.kind === 'children' ? 'its children' : waitingFor.taskId}`,
      retryable: true,
      details: { taskId: task.taskId, waitingFor: waitingFor.kind },
    })
  }

  async #write(
    tx: SqlTransaction,
    current: Task,
    decision: TransitionDecision,
    change: TaskChange,
    now: Date,
  ): Promise<Task> {
    const task = await this.#options.store.update(tx, change)
    await this.#trail.transition(tx, current, task, decision, { actor: this.#actor, at: now })
    await this.#raise(tx, task, decision)
    if (isFinalStatus(task.status)) {
      this.ended.push({ kind: task.kind, status: task.status })
      await this.#end(tx, task, now)
    }
    if (task.status === 'escalated' || isFinalStatus(task.status)) await this.#tellParent(tx, task, now)
    return task
  }

  async #raise(tx: SqlTransaction, task: Task, decision: TransitionDecision): Promise<void> {
    const { waitingFor } = task
    if (waitingFor?.kind !== 'approval') return
    const { reason, question, level, guard, askedAtVersion, evidenceHash } = waitingFor
    await this.#options.escalations.raise(tx, {
      tenantId: task.tenantId,
      projectId: task.projectId,
      taskId: task.taskId,
      reason,
      level,
      askedAtVersion,
      details: {
        askedAtVersion,
        evidenceHash,
        question,
        from: decision.from,
        asked: decision.asked,
        ...(decision.kind === 'moved' ? {} : { guard, feedback: decision.feedback }),
      },
    })
  }

  /** Nobody works on what is below a task that has ended: left open, it would stay so for ever. */
  async #end(tx: SqlTransaction, task: Task, now: Date): Promise<void> {
    const { store } = this.#options
    await cancelSteps(tx, task)
    for (const { taskId } of await store.openChildren(tx, task)) {
      const current = await store.lock(tx, { tenantId: task.tenantId, taskId })
      if (isFinalStatus(current.status)) continue
      const cancelled: Task = {
        ...current,
        version: current.version + 1,
        status: 'cancelled',
        statusReason: `parent-${task.status}`,
        waitingFor: null,
        resumeTo: null,
      }
      const change = { task: cancelled, wake: 'never' } as const
      const ended = await this.#write(tx, current, endDecision(cancelled, current), change, now)
      await this.#endFixes(tx, ended, 'failed', {}, now)
    }
  }

  async #tellParent(tx: SqlTransaction, { tenantId, parentTaskId, ...task }: Task, now: Date): Promise<void> {
    if (parentTaskId === null) return
    const { store } = this.#options
    const parent = { tenantId, taskId: parentTaskId }
    if (task.kind === 'remediation' && isFinalStatus(task.status) && task.status !== 'completed')
      await this.#endFixes(tx, await store.get(tx, parent), 'failed', { remediationTaskId: task.taskId }, now)
    await store.wake(tx, parent)
  }

  async #recordFixes(tx: SqlTransaction, task: Task, decision: TransitionDecision, now: Date): Promise<void> {
    const transition = `${decision.from}>${decision.asked}`
    for (const guard of new Set(decision.refusedBy))
      await this.#endFixes(tx, task, 'failed', { transition, guard }, now)
    const isMade = decision.kind === 'moved' && decision.to === decision.asked
    if (isMade) await this.#endFixes(tx, task, 'succeeded', { transition }, now)
    for (const fix of decision.tries) await this.#startFix(tx, task, decision, fix, now)
    if (isFinalStatus(task.status)) await this.#endFixes(tx, task, 'failed', {}, now)
    if (decision.kind === 'escalation' && decision.isExhausted) {
      await this.#trail.exhausted(tx, task, decision.guard, transition, this.#actor)
      this.counts.push({ guard: decision.guard, outcome: 'exhausted' })
    }
  }

  async #startFix(
    tx: SqlTransaction,
    task: Task,
    decision: TransitionDecision,
    fix: FixTry,
    now: Date,
  ): Promise<void> {
    const isTask = fix.action.kind === 'task' && fix.outcome !== 'refused'
    const made = decision.kind === 'fix' && isTask ? remediationTask(task, decision) : undefined
    if (made !== undefined) {
      const remediation = taskBelow(task, made, 'remediation', this.#actor.id)
      await storeTask(tx, this.#creation(), remediation, this.#actor, now)
    }
    if (!(await insertFix(tx, task, fix, isTask ? remediationIdOf(task, fix) : null))) return
    // A try that ended within its decision is told of twice, like every other: that it began, and how it ended.
    if (fix.outcome === 'succeeded' || fix.outcome === 'failed')
      await this.#tellFix(tx, task, { ...fix, outcome: 'started' }, now)
    await this.#tellFix(tx, task, fix, now)
  }

  async #endFixes(
    tx: SqlTransaction,
    task: Task,
    outcome: 'succeeded' | 'failed',
    which: EndingFixes,
    now: Date,
  ): Promise<void> {
    // Without a count no try is under way: each is counted with its row, and a retry that resets them ends all.
    if (Object.keys(task.fixes).length === 0) return
    for (const fix of await endFixes(tx, task, outcome, which)) await this.#tellFix(tx, task, fix, now)
  }

  async #tellFix(tx: SqlTransaction, task: Task, fix: FixTry, now: Date): Promise<void> {
    await this.#trail.fix(tx, task, fix, this.#actor, now)
    this.counts.push({ guard: fix.guard, outcome: fix.outcome })
  }

  #creation(): TaskCreationParts {
    return { store: this.#options.store, trail: this.#trail, tracer: this.#options.tracer }
  }
}

/** The decision of a move that nothing guards. */
function endDecision(task: Task, before: Task): MovedDecision {
  return {
    kind: 'moved',
    from: before.status,
    asked: task.status,
    to: task.status,
    reason: task.statusReason,
    question: null,
    level: 'supervisor',
    resumeTo: null,
    evidence: task.evidence,
    input: task.input,
    attempts: task.attempts,
    fixes: task.fixes,
    tries: [],
    refusedBy: [],
  }
}
