import type { AutoFixAction, FixOutcome } from './auto-fix.ts'
import type { TaskFacts } from './task.ts'
import type { TaskStatus } from './task-status.ts'
import type { EscalationLevel } from './waiting-for.ts'

/** What is asked of a task. */
export interface TransitionRequest {
  readonly to: TaskStatus
  /** Merged over the task's evidence before the guards look. The field `persons` is reserved. */
  readonly evidence?: TaskFacts
  /** Why, as a short code, on a move to `failed`, `escalated` or `cancelled`. */
  readonly reason?: string
  /** On a move to `escalated`: what the person is asked. Default the reason. */
  readonly question?: string
  /** On a move to `escalated`: who looks first. Default `supervisor`. */
  readonly level?: EscalationLevel
  /** On a move to `waiting`: the status in which the task goes on. Default the one it leaves. */
  readonly resumeTo?: TaskStatus
  /** Steps that begin anew with this move: their attempts grow by one. Default none. */
  readonly newAttempts?: readonly string[]
}

/** One try of a fix. */
export interface FixTry {
  /** Digest of task, transition, guard and try. */
  readonly fixId: string
  /** Name of the fix. */
  readonly fix: string
  readonly guard: string
  /** Why the guard refused, as a short code. */
  readonly reason: string
  /** The move that the guard refused: `executing>reviewing`. */
  readonly transition: string
  /** From 1. */
  readonly try: number
  readonly action: AutoFixAction
  readonly outcome: FixOutcome
}

/** What every decision says. */
export interface DecidedTransition {
  /** The status that the move was judged from: of a task that waits for a fix or a person, the one it goes on in. */
  readonly from: TaskStatus
  readonly asked: TaskStatus
  /** Kept with the task, whatever was decided. */
  readonly evidence: TaskFacts
  /** With what fixes normalised. */
  readonly input: TaskFacts
  readonly attempts: Readonly<Record<string, number>>
  /** Tries of fixes by `from>to/guard`, those of this decision included. */
  readonly fixes: Readonly<Record<string, number>>
  /** Tries that this decision made, in order. */
  readonly tries: readonly FixTry[]
  /** Guards that refused, in order; one that a fix helped at once is among them. */
  readonly refusedBy: readonly string[]
}

/** The guards let the task move, or none stood in the way. */
export interface MovedDecision extends DecidedTransition {
  readonly kind: 'moved'
  /** The status it moves to: the one asked for, save that a remediation task whose guard refuses has `failed`. */
  readonly to: TaskStatus
  readonly reason: string | null
  /** On a move to `escalated`: what a person is asked, and by whom to be looked at first. */
  readonly question: string | null
  readonly level: EscalationLevel
  /** On a move to `waiting` or `escalated`: the status in which the task goes on. */
  readonly resumeTo: TaskStatus | null
}

/** A guard refused, and its fix is tried: the task waits for a remediation task, or for a person. */
export interface FixDecision extends DecidedTransition {
  readonly kind: 'fix'
  readonly guard: string
  readonly reason: string
  readonly feedback: string
  readonly fix: FixTry
  /** What the guard reads, and the digest of it: a person's approval is bound to it. */
  readonly reads: readonly string[]
  readonly evidenceHash: string
}

/** A guard refused, and nothing is left to try: a person is asked. */
export interface EscalatedTransition extends DecidedTransition {
  readonly kind: 'escalation'
  readonly guard: string
  readonly reason: string
  readonly feedback: string
  /** Whether a fix would have been there, had it been allowed another try. */
  readonly isExhausted: boolean
  readonly resumeTo: TaskStatus
  readonly reads: readonly string[]
  readonly evidenceHash: string
}

/** What becomes of a request. */
export type TransitionDecision = MovedDecision | FixDecision | EscalatedTransition
