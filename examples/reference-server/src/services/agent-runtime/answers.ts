import { z } from 'zod'
import { hiddenTestSchema } from '../orchestrator/coding-task.ts'
import { isStorable, isStorableJson } from '../storable-text.ts'

/** Text of a model that the database can keep, of 1 to `max` characters. */
const text = (max: number): z.ZodString =>
  z.string().min(1).max(max).refine(isStorable, 'holds NUL or half a surrogate pair')

/** What a developer answers: the whole solution. */
export const solutionSchema = z.strictObject({
  explanation: text(2000),
  code: text(50_000),
})

/** What an architect answers: the steps of a task, each with what it needs before it. */
export const planSchema = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        entryPoint: text(64),
        goal: text(1000),
        dependsOn: z.array(text(64)).max(10),
      }),
    )
    .min(1)
    .max(20),
})

/** What a tester answers where a task came without tests. */
export const writtenTestsSchema = z
  .strictObject({ tests: z.array(hiddenTestSchema).min(3).max(50) })
  .refine(isStorableJson, 'holds NUL or half a surrogate pair')

/** What a reviewer answers: a vote, and why. */
export const voteSchema = z.strictObject({
  decision: z.enum(['approve', 'reject', 'abstain']),
  severity: z.enum(['none', 'minor', 'major', 'critical']),
  rationale: text(2000),
  confidence: z.number().min(0).max(1),
})

/** A developer's solution. */
export type Solution = z.infer<typeof solutionSchema>
/** An architect's plan. */
export type Plan = z.infer<typeof planSchema>
/** A reviewer's vote. */
export type Vote = z.infer<typeof voteSchema>
/** A tester's tests. */
export type WrittenTests = z.infer<typeof writtenTestsSchema>
