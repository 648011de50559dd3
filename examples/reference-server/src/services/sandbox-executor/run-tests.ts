import type { ClaimedStep } from '@golden-arch/core/tasks'
import { type TestReport, testRequestSchema } from './test-request.ts'
import type { TestStage } from './test-stage.ts'

/** Of the time that a run of the step may take, the tests' programs may have this: a report of those that take longer still comes. */
const SHARE_OF_TESTS = 0.5

/** Runs the hidden tests that a step asks for, and says what they found. */
export async function runTests(
  tests: TestStage,
  step: ClaimedStep,
  signal: AbortSignal,
): Promise<TestReport> {
  const { solutionHash, program, tests: hidden } = testRequestSchema.parse(step.request)
  const { tenantId, taskId, timeoutMs } = step
  const timeLimitMs = timeoutMs * SHARE_OF_TESTS
  const result = await tests.run({ tenantId, taskId, program, tests: hidden, timeLimitMs, signal })
  return { solutionHash, ...result, failures: [...result.failures] }
}
