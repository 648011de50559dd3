import { z } from 'zod'
import { planSchema, solutionSchema } from '../agent-runtime/answers.ts'
import { reviewReportSchema } from '../peer-hub/review-request.ts'
import { testReportSchema } from '../sandbox-executor/test-request.ts'
import { hiddenTestSchema } from './coding-task.ts'

const answerFailure = z.strictObject({ code: z.string(), feedback: z.string(), remediable: z.boolean() })

/** What the stages of a coding task leave behind for its guards. Each stage writes its own field and no other. */
export const evidenceSchema = z.strictObject({
  plan: planSchema.nullable().optional(),
  solution: solutionSchema.nullable().optional(),
  /** Which attempt the plan is of, from 1. */
  planAttempt: z.number().int().optional(),
  /** Which attempt the solution is of, from 1. */
  attempt: z.number().int().optional(),
  /** Tests that a tester wrote, where the task came without any; null where none could be written. */
  writtenTests: z.array(hiddenTestSchema).nullable().optional(),
  /** Why the last answer gave no plan, solution or tests; null once one came. */
  answerFailure: answerFailure.nullable().optional(),
  /** The child tasks and where they stand. */
  children: z
    .array(z.strictObject({ taskId: z.string(), status: z.string(), reason: z.string().nullable() }))
    .optional(),
  testReport: testReportSchema.nullable().optional(),
  review: reviewReportSchema.nullable().optional(),
  /** What persons said; the task machine alone writes it. */
  persons: z.array(z.unknown()).optional(),
})

/** What the stages of a coding task found. */
export type CodingEvidence = z.infer<typeof evidenceSchema>
