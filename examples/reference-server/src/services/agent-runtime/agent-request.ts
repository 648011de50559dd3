import { z } from 'zod'
import { taskWordsSchema } from '../orchestrator/task-words.ts'

/** Who pays for a call, and what is told of the task. */
const asked = {
  projectId: z.string(),
  /** The root whose budget pays. */
  rootTaskId: z.string(),
  /** The part of the root that pays out of its own share; absent for the root itself. */
  part: z.string().optional(),
  task: taskWordsSchema,
  /** Which attempt of the step, from 1. */
  attempt: z.number().int().min(1),
}
const mending = { feedback: z.string().optional() }

/** What the agent runtime is asked by a step: all it needs, so that it reads no task. */
export const agentRequestSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('plan'), ...asked, ...mending }),
  z.strictObject({
    ask: z.literal('generate'),
    ...asked,
    ...mending,
    previousCode: z.string().optional(),
  }),
  z.strictObject({ ask: z.literal('write-tests'), ...asked, ...mending }),
  z.strictObject({
    ask: z.literal('vote'),
    ...asked,
    role: z.enum(['security', 'reviewer', 'tester']),
    code: z.string(),
  }),
])

/** What the agent runtime is asked by a step. */
export type AgentRequest = z.infer<typeof agentRequestSchema>
