import type { NewChildTask, Step, Task, TaskFacts, TaskStatus } from '@golden-arch/core/tasks'
import type { CodingStep } from './coding-steps.ts'

/** A task, and all that its next move is decided by. */
export interface Situation {
  readonly task: Task
  readonly steps: readonly Step[]
  /** The task above; undefined for a root. */
  readonly parent: Task | undefined
  /** The parts of the root, in the plan's order: a root's own children, or a child with its siblings. */
  readonly parts: readonly Task[]
  /** The remediation task that a waiting task waits for. */
  readonly fix: Task | undefined
}

/** What an orchestrator does next with a task. */
export type NextMove =
  | { readonly kind: 'request'; readonly step: CodingStep }
  | {
      readonly kind: 'move'
      readonly to: TaskStatus
      readonly evidence?: TaskFacts
      readonly reason?: string
      /** What a person is asked, on a move to `escalated`. */
      readonly question?: string
      readonly resumeTo?: TaskStatus
      /** Steps that begin anew. */
      readonly newAttempts?: readonly string[]
      readonly children?: readonly NewChildTask[]
    }
  /** Parts that may begin now. */
  | { readonly kind: 'start'; readonly parts: readonly Task[] }
  | { readonly kind: 'wait' }

/** How wide a coding task may work. */
export interface WorkLimits {
  /** Parts of one root that are worked on at once, 1 or more. */
  readonly maxParallelParts: number
}
