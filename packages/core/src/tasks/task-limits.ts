import { requireInteger, withDefaults } from '../errors/index.ts'

/** How far a task may grow. */
export interface TaskLimits {
  /** Steps of one task in all, 1 to 1000. */
  readonly maxSteps: number
  /** Children of one task in all, remediation tasks aside, 0 to 1000. */
  readonly maxChildren: number
  /** Depth of a task below its root, 0 (no children at all) to 32. */
  readonly maxDepth: number
}

/** 100 steps, 20 children, depth 3. */
export const DEFAULT_TASK_LIMITS: TaskLimits = Object.freeze({ maxSteps: 100, maxChildren: 20, maxDepth: 3 })

/**
 * Fills in what is not said from `defaults`.
 * @throws InvalidOptionError `INVALID_OPTION` naming the limit, its range and the value.
 */
export function resolveTaskLimits(
  limits: Partial<TaskLimits> = {},
  defaults: TaskLimits = DEFAULT_TASK_LIMITS,
): TaskLimits {
  const { maxSteps, maxChildren, maxDepth } = withDefaults(limits, defaults, 'limits.')
  return {
    maxSteps: requireInteger('limits.maxSteps', maxSteps, { min: 1, max: 1000 }),
    maxChildren: requireInteger('limits.maxChildren', maxChildren, { max: 1000 }),
    maxDepth: requireInteger('limits.maxDepth', maxDepth, { max: 32 }),
  }
}

/** The limits of a child: its own where they are narrower than its parent's. */
export function narrowTaskLimits(limits: TaskLimits, parent: TaskLimits): TaskLimits {
  return {
    maxSteps: Math.min(limits.maxSteps, parent.maxSteps),
    maxChildren: Math.min(limits.maxChildren, parent.maxChildren),
    maxDepth: Math.min(limits.maxDepth, parent.maxDepth),
  }
}
