import type { ClaimedStep } from '@golden-arch/core/tasks'
import { type TestReport, testRequestSchema } from './test-request.ts'
import type { TestStage } from './test-stage.ts'

/** Runs the hidden tests that a step asks for, and says what they found. */
export async function runTests(
  tests: TestStage,
  step: ClaimedStep,
  signal: AbortSignal,
): Promise<TestReport> {
  const { solutionHash, program, tests: hidden } = testRequestSchema.parse(step.request)
  const { tenantId, taskId } = step
  const result = await tests.run({ tenantId, taskId, program, tests: hidden, signal })
  return { solutionHash, ...result, failures: [...result.failures] }
}
