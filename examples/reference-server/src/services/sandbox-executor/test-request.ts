import { z } from 'zod'
import { hiddenTestSchema } from '../orchestrator/coding-task.ts'

/** What the sandbox executor is asked by a step. */
export const testRequestSchema = z.strictObject({
  /** SHA-256 of the solution's own code. */
  solutionHash: z.string(),
  /** The whole program: the code of what the solution uses, then its own. */
  program: z.string(),
  tests: z.array(hiddenTestSchema).min(1),
})

/** What the sandbox executor is asked by a step. */
export type TestRequest = z.infer<typeof testRequestSchema>

/** What the sandbox found of the solution with this hash. */
export const testReportSchema = z.strictObject({
  solutionHash: z.string(),
  passed: z.number().int(),
  total: z.number().int(),
  /** Tests of those that failed as they ran out of time. Absent in what an earlier release kept. */
  timedOut: z.number().int().default(0),
  failures: z.array(z.strictObject({ name: z.string(), problem: z.string() })),
})

/** What the sandbox found. */
export type TestReport = z.infer<typeof testReportSchema>
