import type { Task, TaskFacts } from './task.ts'
import { TaskError } from './task-error.ts'
import type { TaskStatus } from './task-status.ts'
import type { TransitionTable } from './transition-table.ts'

/** How often a step may be tried. */
export interface RemediationPolicy {
  /** Attempts of one step in all, the first one included, 1 to 100. 1 means that nothing is tried again. */
  readonly maxAttempts: number
}

/** What is asked of a task. */
export interface TransitionRequest {
  readonly to: TaskStatus
  /** Merged over the task's evidence before the guards look. */
  readonly evidence?: TaskFacts
  /** Why, on a move to `failed`, `escalated` or `cancelled`. */
  readonly reason?: string
}

/** What becomes of a request. In every case `evidence` is kept with the task. */
export type TransitionDecision =
  | {
      readonly kind: 'moved'
      readonly to: TaskStatus
      readonly reason: string | null
      readonly evidence: TaskFacts
    }
  | {
      readonly kind: 'remediation'
      readonly guard: string
      readonly reason: string
      readonly feedback: string
      /** The step to do again, and the number of that attempt. */
      readonly step: string
      readonly attempt: number
      readonly evidence: TaskFacts
    }
  | {
      readonly kind: 'escalation'
      readonly guard: string
      readonly reason: string
      readonly feedback: string
      readonly evidence: TaskFacts
    }

/** Reason of an escalation after the last attempt that the policy allows. */
export const ATTEMPTS_EXHAUSTED = 'attempts-exhausted'

/**
 * Decides what becomes of a task that is asked to change state: it moves when every guard passes; a failed guard with
 * a remedy asks for another attempt of that step while the policy allows one, and otherwise escalates.
 * A remediation task has no remediation of its own: its failed guard moves it to `failed`.
 * @throws TaskError `TASK_TRANSITION_INVALID` when the table has no such move.
 */
export function decideTransition(
  task: Task,
  request: TransitionRequest,
  table: TransitionTable,
  policy: RemediationPolicy,
  now: Date,
): TransitionDecision {
  const guards = table.guardsOf(task.kind, task.status, request.to)
  if (guards === undefined) {
    throw new TaskError({
      code: 'TASK_TRANSITION_INVALID',
      message: `a ${task.kind} task cannot go from ${task.status} to ${request.to}`,
      details: { taskId: task.taskId, from: task.status, to: request.to },
    })
  }
  const evidence = { ...task.evidence, ...request.evidence }
  const candidate = { ...task, evidence }
  for (const guard of guards) {
    const verdict = guard.check(candidate, now)
    if (verdict.passed) continue
    const { reason, feedback, remedy } = verdict
    if (task.kind === 'remediation') return { kind: 'moved', to: 'failed', reason, evidence }
    if (remedy === undefined) return { kind: 'escalation', guard: guard.name, reason, feedback, evidence }
    const attempt = (task.attempts[remedy] ?? 1) + 1
    if (attempt > policy.maxAttempts) {
      return { kind: 'escalation', guard: guard.name, reason: ATTEMPTS_EXHAUSTED, feedback, evidence }
    }
    return { kind: 'remediation', guard: guard.name, reason, feedback, step: remedy, attempt, evidence }
  }
  return { kind: 'moved', to: request.to, reason: request.reason ?? null, evidence }
}
