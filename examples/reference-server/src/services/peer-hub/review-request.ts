import { z } from 'zod'
import { taskWordsSchema } from '../orchestrator/task-words.ts'

/** What the peer hub is asked by a step. */
export const reviewRequestSchema = z.strictObject({
  projectId: z.string(),
  rootTaskId: z.string(),
  task: taskWordsSchema,
  code: z.string(),
  /** SHA-256 of the code; votes are bound to it. */
  contentHash: z.string(),
  /** Which solution of the task it is, from 1: each has its own round. */
  round: z.number().int().min(1),
  authorId: z.string(),
})

/** What the peer hub is asked by a step. */
export type ReviewRequest = z.infer<typeof reviewRequestSchema>

/** What the reviewers decided of the solution with this hash. */
export const reviewReportSchema = z.strictObject({
  solutionHash: z.string(),
  outcome: z.enum(['approved', 'rejected', 'vetoed', 'no-consensus']),
  /** How the votes led to it. */
  explanation: z.string(),
  /** What the author should mend: the reasons of those who rejected. */
  feedback: z.string(),
})

/** What the reviewers decided. */
export type ReviewReport = z.infer<typeof reviewReportSchema>
