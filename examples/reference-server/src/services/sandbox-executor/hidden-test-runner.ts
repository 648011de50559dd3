import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ExecutionResult, SandboxExecutor } from '@golden-arch/sandbox'
import { z } from 'zod'
import type { HiddenTest } from '../orchestrator/coding-task.ts'
import { toStorable } from '../storable-text.ts'
import { testProgram, testResultOf } from './test-program.ts'
import type { TestedSolution, TestResult, TestStage } from './test-stage.ts'

/** An error's message is to hold one word of the test's choice; a message that holds every word must not pass. */
const MAX_THROWN_CHARACTERS = 2000
const resultSchema = z.union([
  z.strictObject({ returned: z.json() }),
  z.strictObject({ thrown: z.string().max(MAX_THROWN_CHARACTERS) }),
])

const MAX_PROBLEM_CHARACTERS = 200
const NOT_RUN = 'not run: the tests before took too long'

/** Runs each hidden test in a context of its own and compares its result on the host. */
export class HiddenTestRunner implements TestStage {
  readonly #sandbox: SandboxExecutor

  constructor(sandbox: SandboxExecutor) {
    this.#sandbox = sandbox
  }

  /** Runs the tests, one after the other, as long as there is time for them. @throws SandboxError by code when the sandbox itself fails. */
  async run(solution: TestedSolution): Promise<TestResult> {
    const failures: { name: string; problem: string }[] = []
    const { timeLimitMs = Number.POSITIVE_INFINITY } = solution
    let timedOut = 0
    // The programs alone are timed: what a test waits for its turn and its sandbox is no fault of a solution.
    let spentMs = 0
    for (const test of solution.tests) {
      if (spentMs >= timeLimitMs) {
        failures.push({ name: test.name, problem: NOT_RUN })
        continue
      }
      const result = await this.#sandbox.execute(
        {
          executionId: randomUUID(),
          tenantId: solution.tenantId,
          language: 'javascript',
          code: testProgram(solution.program, test.run),
          minimumIsolation: 'wasm',
        },
        solution.signal === undefined ? {} : { signal: solution.signal },
      )
      spentMs += result.timings.runMs
      if (result.status === 'timed-out') timedOut++
      const problem = problemOf(test, result)
      if (problem !== undefined)
        failures.push({ name: test.name, problem: toStorable(problem, MAX_PROBLEM_CHARACTERS) })
    }
    const { length: total } = solution.tests
    return { passed: total - failures.length, total, timedOut, failures }
  }
}

/** What is wrong with the result of a test, in words that do not give the expectation away; undefined if it passed. */
function problemOf(test: HiddenTest, result: ExecutionResult): string | undefined {
  if (result.status === 'cancelled') throw new Error('the execution was cancelled')
  if (result.status !== 'completed')
    return `${result.status}${result.error === undefined ? '' : `: ${result.error.message}`}`
  const outcome = resultSchema.safeParse(testResultOf(result))
  if (!outcome.success) return 'the program replaced its own result'
  if ('thrown' in outcome.data) {
    if (test.throws === undefined) return `threw ${outcome.data.thrown}`
    return outcome.data.thrown.includes(test.throws)
      ? undefined
      : `threw another error: ${outcome.data.thrown}`
  }
  if (test.throws !== undefined) return 'threw no error'
  return isDeepStrictEqual(outcome.data.returned, test.equals) ? undefined : 'returned another value'
}
