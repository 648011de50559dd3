import type { TaskLimits } from './task-limits.ts'
import type { TaskStatus } from './task-status.ts'
import type { WaitingFor } from './waiting-for.ts'

/** JSON object as a task keeps it. */
export type TaskFacts = Readonly<Record<string, unknown>>

/** `root`: asked for from outside. `child`: a part of a task's plan. `remediation`: made by a fix of a failed guard. */
export type TaskKind = 'root' | 'child' | 'remediation'

/** The address of a task. */
export interface TaskKey {
  readonly tenantId: string
  readonly taskId: string
}

/** A piece of work for agents, as stored. */
export interface Task {
  readonly tenantId: string
  readonly taskId: string
  readonly projectId: string
  /** Null on a root. */
  readonly parentTaskId: string | null
  /** The task at the top; a root's own id. */
  readonly rootTaskId: string
  /** Tasks above this one, 0 on a root. */
  readonly depth: number
  readonly kind: TaskKind
  readonly title: string
  readonly status: TaskStatus
  /** Why the task waits, failed or was escalated, as a short code; null otherwise. */
  readonly statusReason: string | null
  /** In `waiting` and `escalated`; null otherwise. */
  readonly waitingFor: WaitingFor | null
  /** The status in which the task goes on, in `waiting` and `escalated`; null otherwise. */
  readonly resumeTo: TaskStatus | null
  /** Grows by one with each transition, from 1. */
  readonly version: number
  /** Attempts begun, by step; a step that is not named is at its first. */
  readonly attempts: Readonly<Record<string, number>>
  /** Tries of fixes, by `from>to/guard`. A person who says `retry` sets them to none. */
  readonly fixes: Readonly<Record<string, number>>
  readonly limits: TaskLimits
  /** What was asked for. */
  readonly input: TaskFacts
  /** What the steps found, and under `persons` what persons said; the guards read it. */
  readonly evidence: TaskFacts
  /** When an orchestrator should look at the task; null: nobody needs to. */
  readonly wakeAt: Date | null
  /** When the task fails if it has not ended; null: never. */
  readonly deadlineAt: Date | null
  /** Who asked for it. */
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What is said of any task when it is made. */
export interface NewChildTask {
  /** Unique in its tenant, 1 to 256 characters. */
  readonly taskId: string
  /** 1 to 1000 characters. */
  readonly title: string
  readonly input: TaskFacts
  /** When it fails if it has not ended. Default, and at the latest, that of its parent; a root's default is never. */
  readonly deadlineAt?: Date
  /** Default the machine's; a child's are never wider than its parent's. */
  readonly limits?: Partial<TaskLimits>
}

/** What is said of a root when it is made. */
export interface NewTask extends NewChildTask {
  readonly tenantId: string
  readonly projectId: string
}
