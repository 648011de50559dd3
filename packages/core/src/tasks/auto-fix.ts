import type { Guard } from './guard.ts'
import type { Task, TaskFacts } from './task.ts'
import type { TaskStatus } from './task-status.ts'
import type { EscalationLevel } from './waiting-for.ts'

/** A move that a guard refused. */
export interface GuardFailure {
  /** The task with the evidence that came with the request. */
  readonly task: Task
  readonly guard: Guard
  readonly reason: string
  readonly feedback: string
  readonly from: TaskStatus
  readonly to: TaskStatus
  /** The number of this try for this guard and move, from 1. */
  readonly try: number
}

/**
 * What is done about it. No action holds evidence: what a guard reads is found by steps and said by persons, never
 * written by a fix.
 */
export type AutoFixAction =
  /** A remediation task does a step; the task waits for it, then the same move is asked for again. */
  | { readonly kind: 'task'; readonly step: string; readonly input?: TaskFacts }
  /** A person is asked; the task waits for the answer. `level` is who looks first, default `supervisor`. */
  | { readonly kind: 'approval'; readonly question: string; readonly level?: EscalationLevel }
  /** Fields of the input are replaced by their normal form, and the guard looks again at once. */
  | { readonly kind: 'input'; readonly patch: TaskFacts }

/** What mends a failed guard of itself: declared, bounded, and pure like the guard. */
export interface AutoFix {
  /** Unique in a registry. */
  readonly name: string
  /** Name of the guard it is for. */
  readonly guard: string
  /** Reasons of the guard it is for. Default every reason that no other fix names. */
  readonly reasons?: readonly string[]
  /** Must be true where the guard is a security guard. Default false. */
  readonly mendsSecurity?: boolean
  /** Fields of the input that it may replace though the guard reads the input. Default none. */
  readonly normalises?: readonly string[]
  /** What to do; undefined where nothing can help, and then the task is escalated. */
  plan(failure: GuardFailure): AutoFixAction | undefined
}

/** How a try of a fix stands, or how it ended. */
export type FixOutcome = 'started' | 'succeeded' | 'failed' | 'refused'

/** How often fixes are tried. */
export interface FixPolicy {
  /** Tries for one guard and transition, 0 to 100. Default 1. */
  readonly maxTriesPerGuard: number
  /** Tries of one task in all, 0 to 1000. Default 3. */
  readonly maxFixesPerTask: number
}

/** One try for a guard and transition, 3 for a task. */
export const DEFAULT_FIX_POLICY: FixPolicy = Object.freeze({ maxTriesPerGuard: 1, maxFixesPerTask: 3 })
