/** How urgent an execution is among those that wait. */
export type ExecutionPriority = 'high' | 'normal' | 'low'

/** The priorities, most urgent first. */
export const EXECUTION_PRIORITIES: readonly ExecutionPriority[] = Object.freeze(['high', 'normal', 'low'])
