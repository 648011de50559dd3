import type { Actor, AuditLog } from '../audit/index.ts'
import type { EventOutbox } from '../events/index.ts'
import type { SqlTransaction } from '../storage/index.ts'
import type { PersonsWord } from './persons-word.ts'
import type { Task, TaskKey } from './task.ts'
import { createdEvent, fixEvent, fixFacts, settledEvent, transitionEvent } from './task-events.ts'
import type { UnsavedTask } from './task-store.ts'
import type { FixTry, TransitionDecision } from './transition-decision.ts'

/** Where what happens to tasks is told and recorded. */
export interface TaskTrailOptions {
  readonly outbox: EventOutbox | undefined
  readonly audit: AuditLog | undefined
}

/** Tells what happens to tasks by events and records it in the audit log, with the transaction that it happens in. */
export class TaskTrail {
  readonly #outbox: EventOutbox | undefined
  readonly #audit: AuditLog | undefined

  constructor(options: TaskTrailOptions) {
    this.#outbox = options.outbox
    this.#audit = options.audit
  }

  async created(tx: SqlTransaction, task: UnsavedTask, actor: Actor, at: Date): Promise<void> {
    await this.#outbox?.append(tx, [createdEvent(task, at)])
    await this.#record(tx, task, actor, 'create', 'allowed', { kind: task.kind })
  }

  async transition(
    tx: SqlTransaction,
    before: Task,
    task: Task,
    decision: TransitionDecision,
    { actor, at }: { readonly actor: Actor; readonly at: Date },
  ): Promise<void> {
    await this.#outbox?.append(tx, [transitionEvent(before, task, decision, at)])
    await this.#record(tx, task, actor, 'transition', decision.kind === 'moved' ? 'allowed' : 'denied', {
      from: before.status,
      asked: decision.asked,
      to: task.status,
      ...(decision.kind === 'moved' ? {} : { guard: decision.guard, reason: decision.reason }),
    })
  }

  async fix(tx: SqlTransaction, task: Task, fix: FixTry, actor: Actor, at: Date): Promise<void> {
    await this.#outbox?.append(tx, [fixEvent(task, fix, at)])
    const isDenied = fix.outcome === 'refused'
    const outcome = isDenied ? 'denied' : fix.outcome === 'failed' ? 'failed' : 'allowed'
    await this.#record(tx, task, actor, 'fix', outcome, fixFacts(fix))
  }

  /** That a fix was not tried, since the policy allows no further try. */
  async exhausted(tx: SqlTransaction, task: Task, guard: string, move: string, actor: Actor): Promise<void> {
    const facts = { guard, transition: move, outcome: 'exhausted' }
    await this.#record(tx, task, actor, 'fix', 'denied', facts)
  }

  async settled(tx: SqlTransaction, task: Task, word: PersonsWord, actor: Actor, at: Date): Promise<void> {
    await this.#outbox?.append(tx, [settledEvent(task, word, at)])
    const { by: _by, at: _at, note: _note, ...facts } = word
    await this.#record(tx, task, actor, 'settle', 'allowed', facts)
  }

  /** That one who is no person tried to answer for one. */
  async refused(tx: SqlTransaction, key: TaskKey, actor: Actor, code: string): Promise<void> {
    await this.#record(tx, key, actor, 'settle', 'denied', { code })
  }

  async #record(
    tx: SqlTransaction,
    { tenantId, taskId }: TaskKey,
    actor: Actor,
    verb: string,
    outcome: 'allowed' | 'denied' | 'failed',
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const resource = `task/${taskId}`
    await this.#audit?.append(tx, { tenantId, actor, action: `task.${verb}`, resource, outcome, details })
  }
}
