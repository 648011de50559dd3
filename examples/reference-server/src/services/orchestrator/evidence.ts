import { z } from 'zod'
import { planSchema, solutionSchema } from '../agent-runtime/answers.ts'

const answerFailure = z.strictObject({ code: z.string(), feedback: z.string(), remediable: z.boolean() })

/** What the stages of a coding task leave behind for its guards. Each stage writes its own field and no other. */
export const evidenceSchema = z.strictObject({
  plan: planSchema.nullable().optional(),
  solution: solutionSchema.nullable().optional(),
  /** Why the last answer gave no plan or solution; null once one came. */
  answerFailure: answerFailure.nullable().optional(),
  /** The child tasks and where they stand. */
  children: z
    .array(z.strictObject({ taskId: z.string(), status: z.string(), reason: z.string().nullable() }))
    .optional(),
  /** What the sandbox found of the solution with this hash. */
  testReport: z
    .strictObject({
      solutionHash: z.string(),
      passed: z.number().int(),
      total: z.number().int(),
      failures: z.array(z.strictObject({ name: z.string(), problem: z.string() })),
    })
    .nullable()
    .optional(),
  /** What the reviewers decided of the solution with this hash. */
  review: z
    .strictObject({
      solutionHash: z.string(),
      outcome: z.enum(['approved', 'rejected', 'vetoed', 'no-consensus']),
      explanation: z.string(),
      feedback: z.string(),
    })
    .nullable()
    .optional(),
})

/** What the stages of a coding task found. */
export type CodingEvidence = z.infer<typeof evidenceSchema>
