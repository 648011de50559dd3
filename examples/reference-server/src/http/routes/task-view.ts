import type { Task } from '@golden-arch/core/tasks'

/** A task as the API shows it. Hidden tests are not shown. */
export function taskView(task: Task): object {
  const { tests, ...input } = task.input
  const parts = Array.isArray(input.parts) ? { parts: input.parts.map(withoutTests) } : {}
  return {
    id: task.taskId,
    project_id: task.projectId,
    parent_id: task.parentTaskId,
    kind: task.kind,
    title: task.title,
    status: task.status,
    status_reason: task.statusReason,
    version: task.version,
    attempts: task.attempts,
    input: { ...input, ...parts, test_count: Array.isArray(tests) ? tests.length : 0 },
    evidence: task.evidence,
    created_by: task.createdBy,
    created_at: task.createdAt.toISOString(),
    updated_at: task.updatedAt.toISOString(),
  }
}

function withoutTests(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).filter(([name]) => name !== 'tests'))
}
