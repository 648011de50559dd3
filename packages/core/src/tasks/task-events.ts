import { createHash } from 'node:crypto'
import { createEvent, type EventEnvelope } from '../events/index.ts'
import type { TransitionDecision } from './decide-transition.ts'
import type { NewTask, Task, TaskKey } from './task.ts'

const SOURCE = 'orchestrator'

/** The event of a task that was made. */
export function createdEvent(task: NewTask, at: Date): EventEnvelope {
  return createEvent(
    {
      id: eventIdOf(task, 1),
      source: SOURCE,
      type: 'task.created',
      tenantId: task.tenantId,
      subject: task.taskId,
      data: { kind: task.kind, title: task.title, parentTaskId: task.parentTaskId ?? null },
    },
    at,
  )
}

/** The event of a task that changed state: its id names the version, so that it is told once. */
export function transitionEvent(
  from: Task,
  task: Task,
  decision: TransitionDecision,
  at: Date,
): EventEnvelope {
  const name = task.status === 'completed' || task.status === 'escalated' ? task.status : 'transitioned'
  return createEvent(
    {
      id: eventIdOf(task, task.version),
      source: SOURCE,
      type: `task.${name}`,
      tenantId: task.tenantId,
      subject: task.taskId,
      data: {
        kind: task.kind,
        from: from.status,
        to: task.status,
        reason: task.statusReason,
        attempts: task.attempts,
        ...(decision.kind === 'moved' ? {} : { guard: decision.guard, feedback: decision.feedback }),
      },
    },
    at,
  )
}

/** A digest, since ids hold any character: written one after the other, two tasks could have the id of one event. */
function eventIdOf({ tenantId, taskId }: TaskKey, version: number): string {
  const digest = createHash('sha256').update(JSON.stringify([tenantId, taskId]))
  return `task:${digest.digest('hex')}:${version}`
}
