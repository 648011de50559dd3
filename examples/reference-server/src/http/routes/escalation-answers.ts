import { ESCALATION_LEVELS } from '@golden-arch/core/tasks'
import { ESCALATION_DECISIONS } from '@golden-arch/governance/escalation'
import { z } from 'zod'
import { instant } from './governance-answers.ts'

const by = z.strictObject({ by: z.string(), at: instant }).nullable()

/** How bad it is. */
export const severity = z.enum(['info', 'warning', 'critical'])

/** Who it waits for. */
export const level = z.enum(ESCALATION_LEVELS)

export const escalationSchema = z.strictObject({
  id: z.string(),
  subject: z.strictObject({ kind: z.string(), id: z.string() }).describe('What it is about, such as a task.'),
  project_id: z.string().nullable(),
  task_id: z.string().nullable(),
  reason: z.string(),
  severity,
  level,
  status: z.enum(['open', 'acknowledged', 'resolved']),
  evidence: z.record(z.string(), z.unknown()),
  occurrences: z.int().describe('How often it was raised while it was not resolved.'),
  raised_at: instant,
  last_raised_at: instant,
  due_at: instant.nullable().describe('When it goes on to the next level by itself.'),
  assigned: z.strictObject({ assignee: z.string(), by: z.string(), at: instant }).nullable(),
  acknowledged: by,
  resolved: by,
  resolution: z.string().nullable().describe('What the person decided, in words.'),
  decision: z.enum(ESCALATION_DECISIONS).nullable().describe('What became of the task that asked.'),
})
