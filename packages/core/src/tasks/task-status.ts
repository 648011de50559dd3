/** Where a task stands. The last four are final. */
export const TASK_STATUSES = [
  'pending',
  'planning',
  'waiting',
  'generating',
  'testing',
  'reviewing',
  'remediating',
  'completed',
  'failed',
  'escalated',
  'cancelled',
] as const

/** Where a task stands. */
export type TaskStatus = (typeof TASK_STATUSES)[number]

const FINAL: ReadonlySet<TaskStatus> = new Set(['completed', 'failed', 'escalated', 'cancelled'])

/** Whether no transition leads out of `status`. */
export function isFinalStatus(status: TaskStatus): boolean {
  return FINAL.has(status)
}
