import type { TaskStatus } from './task-status.ts'

/** Who is to look at what a person is asked, from the first to the last. */
export const ESCALATION_LEVELS = ['supervisor', 'operator', 'admin'] as const

/** Who is to look at what a person is asked. */
export type EscalationLevel = (typeof ESCALATION_LEVELS)[number]

/** What a task in `waiting` or `escalated` waits for. */
export type WaitingFor = WaitingForChildren | WaitingForFix | WaitingForApproval

/** The children of the task: it goes on by a rule of the table from `waiting`, once each child has ended. */
export interface WaitingForChildren {
  readonly kind: 'children'
}

/** A remediation task: once that has ended, the refused move is asked for again. */
export interface WaitingForFix {
  readonly kind: 'fix'
  readonly fixId: string
  /** Id of the remediation task. */
  readonly taskId: string
  readonly guard: string
  /** The move that the guard refused leads here. */
  readonly to: TaskStatus
  readonly try: number
}

/** The word of a person, asked for by a fix (the task is `waiting`) or because nothing else is left (it is `escalated`). */
export interface WaitingForApproval {
  readonly kind: 'approval'
  /** Why the person is asked, as a short code: the reason of the escalation. */
  readonly reason: string
  /** What the person is asked. */
  readonly question: string
  readonly level: EscalationLevel
  /** The guard that refused the move; null where the task was escalated without one. */
  readonly guard: string | null
  /** Where the move was to lead that the person is asked about. */
  readonly to: TaskStatus
  /** The fix that asks; null where the task is escalated. */
  readonly fixId: string | null
  /** Version of the task that asks. It names the question: asked again, it is another. */
  readonly askedAtVersion: number
  /** What the evidence hash covers, as the guard declares it. */
  readonly reads: readonly string[]
  /** Digest of what the question is about. A person's word holds for no other evidence. */
  readonly evidenceHash: string
}
