import { createHash } from 'node:crypto'
import { createEvent, type EventEnvelope } from '../events/index.ts'
import type { PersonsWord } from './persons-word.ts'
import type { Task, TaskKey } from './task.ts'
import type { UnsavedTask } from './task-store.ts'
import type { FixTry, TransitionDecision } from './transition-decision.ts'

const SOURCE = 'orchestrator'

/** The event of a task that was made. */
export function createdEvent(task: UnsavedTask, at: Date): EventEnvelope {
  const { kind, title, parentTaskId } = task
  return taskEvent(task, 'created', '1', { kind, title, parentTaskId }, at)
}

/** The event of a task that changed state: its id names the version, so that it is told once. */
export function transitionEvent(
  from: Task,
  task: Task,
  decision: TransitionDecision,
  at: Date,
): EventEnvelope {
  const name = task.status === 'completed' || task.status === 'escalated' ? task.status : 'transitioned'
  const data = {
    kind: task.kind,
    parentTaskId: task.parentTaskId,
    from: from.status,
    to: task.status,
    reason: task.statusReason,
    attempts: task.attempts,
    ...(decision.kind === 'moved' ? {} : { guard: decision.guard, feedback: decision.feedback }),
  }
  return taskEvent(task, name, String(task.version), data, at)
}

/** The event of a fix that was tried, or of how that ended. */
export function fixEvent(task: Task, fix: FixTry, at: Date): EventEnvelope {
  return taskEvent(task, 'fix', `fix:${fix.fixId}:${fix.outcome}`, fixFacts(fix), at)
}

/** The event of a person's word that takes a task on. */
export function settledEvent(task: Task, word: PersonsWord, at: Date): EventEnvelope {
  const { by, decision, reason, guard } = word
  return taskEvent(task, 'settled', `settled:${task.version}`, { by, decision, reason, guard }, at)
}

/** What the event and the audit entry of a fix say. */
export function fixFacts(fix: FixTry): Readonly<Record<string, unknown>> {
  const { fixId, fix: name, guard, reason, transition, try: number, outcome, action } = fix
  return { fixId, fix: name, guard, reason, transition, try: number, outcome, action: action.kind }
}

interface Told extends TaskKey {
  readonly rootTaskId: string
}

function taskEvent(task: Told, name: string, turn: string, data: object, at: Date): EventEnvelope {
  return createEvent(
    {
      id: `task:${digestOf(task)}:${turn}`,
      source: SOURCE,
      type: `task.${name}`,
      tenantId: task.tenantId,
      subject: task.taskId,
      correlationId: task.rootTaskId,
      data,
    },
    at,
  )
}

/** A digest, since ids hold any character: written one after the other, two tasks could have the id of one event. */
function digestOf({ tenantId, taskId }: TaskKey): string {
  return createHash('sha256')
    .update(JSON.stringify([tenantId, taskId]))
    .digest('hex')
}
