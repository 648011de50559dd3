import type { TaskStatus } from './task-status.ts'

/** JSON object as a task keeps it. */
export type TaskFacts = Readonly<Record<string, unknown>>

/** `root`: asked for from outside. `child`: a part of a root's plan. `remediation`: made by a failed guard. */
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
  readonly kind: TaskKind
  readonly title: string
  readonly status: TaskStatus
  /** Why the task failed or was escalated, as a short code; null otherwise. */
  readonly statusReason: string | null
  /** Grows by one with each transition, from 1. */
  readonly version: number
  /** Attempts begun, by step. */
  readonly attempts: Readonly<Record<string, number>>
  /** What was asked for. */
  readonly input: TaskFacts
  /** What the stages found; the guards read it. */
  readonly evidence: TaskFacts
  /** Who asked for it. */
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What is said of a task when it is made. */
export interface NewTask {
  readonly tenantId: string
  readonly taskId: string
  readonly projectId: string
  readonly parentTaskId?: string
  readonly kind: TaskKind
  readonly title: string
  readonly input: TaskFacts
}
