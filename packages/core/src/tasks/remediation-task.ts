import { createHash } from 'node:crypto'
import type { NewChildTask, Task } from './task.ts'
import type { FixDecision, FixTry } from './transition-decision.ts'

/** Lengths that the table `tasks` takes. */
const MAX_ID_LENGTH = 256
const MAX_TITLE_LENGTH = 1000

/** Id of the remediation task of a fix: that of the task, the step, and the number of its attempt. */
export function remediationIdOf(task: Task, { action }: FixTry): string {
  return action.kind === 'task' ? within(task.taskId, ending(task, action.step)) : task.taskId
}

/** The remediation task that a fix makes. `task` carries the attempts as the decision leaves them. */
export function remediationTask(task: Task, { fix, guard, feedback }: FixDecision): NewChildTask | undefined {
  const { action, fixId } = fix
  if (action.kind !== 'task') return undefined
  const { step } = action
  const attempt = task.attempts[step] ?? 1
  return {
    taskId: remediationIdOf(task, fix),
    title: withEnding(task.title, `: ${step}, attempt ${attempt}`),
    input: { ...action.input, guard, step, attempt, feedback, fixId },
    limits: task.limits,
  }
}

function ending(task: Task, step: string): string {
  return `/${step}-${task.attempts[step] ?? 1}`
}

/** Too long for an id, the task's own is named by its digest. */
function within(taskId: string, end: string): string {
  const id = `${taskId}${end}`
  return id.length <= MAX_ID_LENGTH ? id : `${createHash('sha256').update(taskId).digest('hex')}${end}`
}

/** The text cut so that the ending fits behind it, in whole characters as PostgreSQL counts them. */
function withEnding(text: string, end: string): string {
  return [...text].slice(0, MAX_TITLE_LENGTH - end.length).join('') + end
}
