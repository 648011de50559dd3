import type { Task } from '../task.ts'
import { DEFAULT_TASK_LIMITS } from '../task-limits.ts'

const AT = new Date('2026-03-01T12:00:00Z')

/** A task at version 4 that asks a person about a veto, by a fix. */
export function askingTask(change: Partial<Task> = {}): Task {
  return {
    tenantId: 'acme',
    taskId: 't-1',
    projectId: 'p-1',
    parentTaskId: null,
    rootTaskId: 't-1',
    depth: 0,
    kind: 'root',
    title: 'a task',
    status: 'waiting',
    statusReason: 'vetoed',
    waitingFor: {
      kind: 'approval',
      reason: 'vetoed',
      question: 'accept it?',
      level: 'operator',
      guard: 'no-veto',
      to: 'completed',
      fixId: 'f-1',
      askedAtVersion: 4,
      reads: ['veto'],
      evidenceHash: 'hash',
    },
    resumeTo: 'reviewing',
    version: 4,
    attempts: {},
    fixes: { 'a>b/c': 1 },
    limits: DEFAULT_TASK_LIMITS,
    input: {},
    evidence: {},
    wakeAt: null,
    deadlineAt: null,
    createdBy: 'ada',
    createdAt: AT,
    updatedAt: AT,
    ...change,
  }
}
