import { z } from 'zod'

/** What a developer answers: the whole solution. */
export const solutionSchema = z.strictObject({
  explanation: z.string().min(1).max(2000),
  code: z
    .string()
    .min(1)
    .max(50_000)
    .refine((code) => code.isWellFormed() && !code.includes('\u0000'), 'holds NUL or half a surrogate pair'),
})

/** What an architect answers: the steps of a task, each with what it needs before it. */
export const planSchema = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        entryPoint: z.string().min(1).max(64),
        goal: z.string().min(1).max(1000),
        dependsOn: z.array(z.string().min(1).max(64)).max(10),
      }),
    )
    .min(1)
    .max(20),
})

/** What a reviewer answers: a vote, and why. */
export const voteSchema = z.strictObject({
  decision: z.enum(['approve', 'reject', 'abstain']),
  severity: z.enum(['none', 'minor', 'major', 'critical']),
  rationale: z.string().min(1).max(2000),
  confidence: z.number().min(0).max(1),
})

/** A developer's solution. */
export type Solution = z.infer<typeof solutionSchema>
/** An architect's plan. */
export type Plan = z.infer<typeof planSchema>
/** A reviewer's vote. */
export type Vote = z.infer<typeof voteSchema>
