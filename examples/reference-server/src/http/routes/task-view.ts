import { TASK_STATUSES, type Task } from '@golden-arch/core/tasks'
import { z } from 'zod'
import { taskWarningSchema } from './task-warnings.ts'

/** Which kinds of tasks there are, as a query names them. */
export const taskKindSchema = z.enum(['root', 'child', 'remediation'])

/** A task as the API shows it. */
export const taskSchema = z
  .strictObject({
    id: z.string(),
    project_id: z.string(),
    parent_id: z.string().nullable(),
    kind: taskKindSchema,
    title: z.string(),
    status: z.enum(TASK_STATUSES),
    status_reason: z.string().nullable(),
    version: z.int(),
    attempts: z.record(z.string(), z.int()).describe('How often each step was tried.'),
    input: z
      .record(z.string(), z.unknown())
      .describe('What is asked for; hidden tests are counted, not shown.'),
    evidence: z.record(z.string(), z.unknown()).describe('What is known of the work so far.'),
    created_by: z.string().nullable(),
    deadline_at: z.iso
      .datetime()
      .nullable()
      .describe('When it fails unless it has ended; null: never by itself.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Task', description: 'A task as it stands.' })

/** A task as its creation is answered. */
export const createdTaskSchema = z
  .strictObject({ ...taskSchema.shape, warnings: z.array(taskWarningSchema) })
  .meta({ id: 'CreatedTask', description: 'A task as it stands, with what its client is warned of.' })

/** A task as the API shows it. */
export type TaskView = z.infer<typeof taskSchema>

/** A task as the API shows it. Hidden tests are not shown. */
export function taskView(task: Task): TaskView {
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
    deadline_at: task.deadlineAt?.toISOString() ?? null,
    created_at: task.createdAt.toISOString(),
    updated_at: task.updatedAt.toISOString(),
  }
}

function withoutTests(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).filter(([name]) => name !== 'tests'))
}
