import { answerOf, type Task, type TaskStatus } from '@golden-arch/core/tasks'
import type { NextMove } from './move-decision.ts'

/** What is next for a task that asked a person: what the person said, or nothing yet. A word that ends a task has done so by itself. */
export function nextOfAnswer(task: Task): NextMove {
  const decision = answerOf(task)?.decision
  const { status, resumeTo } = task
  if (decision === undefined || resumeTo === null) return { kind: 'wait' }
  switch (decision) {
    case 'approve':
      // From `waiting` the same move is asked for again, and its guards see the approval.
      return { kind: 'move', to: status === 'waiting' ? resumeTo : 'completed' }
    case 'retry':
      return nextOfRetry(resumeTo)
    case 'reject':
    case 'cancel':
      return { kind: 'wait' }
  }
}

/** What is done again where a task stood before it asked. */
function nextOfRetry(resumeTo: TaskStatus): NextMove {
  switch (resumeTo) {
    case 'submitted':
      return { kind: 'move', to: 'submitted' }
    case 'planning':
      return { kind: 'move', to: 'planning', newAttempts: ['plan'] }
    case 'waiting':
      // A root that waits for its parts has no step of its own to do again.
      return { kind: 'move', to: 'failed', reason: 'nothing-to-retry' }
    default:
      // A review in which nobody could vote says nothing of the same code, written again.
      return { kind: 'move', to: resumeTo, newAttempts: ['generate'], evidence: { review: null } }
  }
}
