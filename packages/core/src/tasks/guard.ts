import type { Task } from './task.ts'

/** What a guard found. */
export type GuardVerdict =
  | { readonly passed: true }
  | {
      readonly passed: false
      /** Why, as a short code: becomes the `statusReason` of an escalation. */
      readonly reason: string
      /** Why, for the one who is to mend it. */
      readonly feedback: string
      /** The step to do again, such as `generate`; absent where no new attempt can help. */
      readonly remedy?: string
    }

/** A pure check that must pass before a task may change state. It reads the task and its evidence, nothing else. */
export interface Guard {
  readonly name: string
  check(task: Task, now: Date): GuardVerdict
}

/** The verdict of a guard that has nothing against the change. */
export const GUARD_PASSED: GuardVerdict = Object.freeze({ passed: true })
