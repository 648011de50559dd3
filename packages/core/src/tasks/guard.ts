import type { Task } from './task.ts'

/** What a guard found. */
export type GuardVerdict =
  | { readonly passed: true }
  | {
      readonly passed: false
      /** Why, as a short code: fixes are chosen by it, and it becomes the reason of an escalation. */
      readonly reason: string
      /** Why, for the one who is to mend it. */
      readonly feedback: string
    }

/**
 * A pure check that must pass before a task may change state. Of the evidence and the input it is shown what it
 * declares in `reads`, and nothing else.
 */
export interface Guard {
  /** Unique in a table, lower-case words with hyphens. */
  readonly name: string
  /** What must hold, in one sentence. */
  readonly description: string
  /** Whether it guards against harm: no fix may mend what it refuses, save one that says so of itself. Default false. */
  readonly isSecurity?: boolean
  /** The fields of the evidence that it reads; `input` stands for the task's input, `*` for all evidence and the input. */
  readonly reads: readonly string[]
  check(task: Task, now: Date): GuardVerdict
}

/** The verdict of a guard that has nothing against the change. */
export const GUARD_PASSED: GuardVerdict = Object.freeze({ passed: true })

/** In {@link Guard.reads}: the task's input. */
export const READS_INPUT = 'input'

/** In {@link Guard.reads}: all evidence and the input. */
export const READS_ALL = '*'

/** Whether a guard with these `reads` sees the task's input. */
export function readsInput(reads: readonly string[]): boolean {
  return reads.includes(READS_INPUT) || reads.includes(READS_ALL)
}

/** The task as a guard with these `reads` is shown it: evidence and input hold what it declares. */
export function guardView(task: Task, reads: readonly string[]): Task {
  if (reads.includes(READS_ALL)) return task
  const evidence = Object.fromEntries(
    Object.entries(task.evidence).filter(([field]) => reads.includes(field)),
  )
  return { ...task, evidence, input: reads.includes(READS_INPUT) ? task.input : {} }
}
