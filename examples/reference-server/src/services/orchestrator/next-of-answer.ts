import { answerOf, type Task } from '@golden-arch/core/tasks'
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
      // A root that waits for its parts has no step of its own to do again.
      return resumeTo === 'waiting' || resumeTo === 'submitted'
        ? { kind: 'move', to: 'failed', reason: 'nothing-to-retry' }
        : { kind: 'move', to: resumeTo, newAttempts: [resumeTo === 'planning' ? 'plan' : 'generate'] }
    case 'reject':
    case 'cancel':
      return { kind: 'wait' }
  }
}
