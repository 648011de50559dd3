import { answerOf, type Task, type TaskStatus } from '@golden-arch/core/tasks'
import { CANNOT_GO_ON, CHILD_NOT_COMPLETED } from './escalation-reasons.ts'
import type { NextMove } from './move-decision.ts'

/** What is next for a task that asked a person: what the person said, or nothing yet. A word that ends a task has done so by itself. */
export function nextOfAnswer(task: Task): NextMove {
  const answer = answerOf(task)
  const { kind, status, resumeTo } = task
  if (answer === undefined || resumeTo === null) return { kind: 'wait' }
  // The task above goes on without what it was to find.
  if (kind === 'remediation') return { kind: 'move', to: 'failed', reason: CANNOT_GO_ON }
  switch (answer.decision) {
    case 'approve':
      // From `waiting` the same move is asked for again, and its guards see the approval.
      return { kind: 'move', to: status === 'waiting' ? resumeTo : 'completed' }
    case 'retry':
      return nextOfRetry(resumeTo, answer.reason)
    case 'reject':
    case 'cancel':
      return { kind: 'wait' }
  }
}

/** What is done again where a task stood before it asked, for this reason. */
function nextOfRetry(resumeTo: TaskStatus, reason: string): NextMove {
  switch (resumeTo) {
    case 'submitted':
      return { kind: 'move', to: 'submitted' }
    case 'planning':
      return { kind: 'move', to: 'planning', newAttempts: ['plan'] }
    case 'waiting':
      // A root has no step of its own to do again in place of its parts; of anything else, it may go on waiting for them.
      return reason === CHILD_NOT_COMPLETED
        ? { kind: 'move', to: 'failed', reason: 'nothing-to-retry' }
        : { kind: 'move', to: 'waiting', resumeTo: 'executing' }
    default:
      // A review in which nobody could vote says nothing of the same code, written again.
      return { kind: 'move', to: resumeTo, newAttempts: ['generate'], evidence: { review: null } }
  }
}
