/** Where a task stands. The last three are final. */
export const TASK_STATUSES = [
  'submitted',
  'planning',
  'executing',
  'reviewing',
  'waiting',
  'escalated',
  'completed',
  'failed',
  'cancelled',
] as const

/** Where a task stands. */
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** A status that no transition leads out of. */
export type FinalTaskStatus = 'completed' | 'failed' | 'cancelled'

const FINAL: ReadonlySet<TaskStatus> = new Set<FinalTaskStatus>(['completed', 'failed', 'cancelled'])

/** Whether no transition leads out of `status`. */
export function isFinalStatus(status: TaskStatus): status is FinalTaskStatus {
  return FINAL.has(status)
}
