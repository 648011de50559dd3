import type { HiddenTest } from '../orchestrator/coding-task.ts'

/** A solution that is to be tested. */
export interface TestedSolution {
  readonly tenantId: string
  readonly taskId: string
  /** The whole program: the code of what the solution uses, then its own. */
  readonly program: string
  readonly tests: readonly HiddenTest[]
  /** Milliseconds that the tests may run together; those for which none are left fail without being run. Default: any. */
  readonly timeLimitMs?: number
  readonly signal?: AbortSignal
}

/** What the tests found. `problem` speaks of what the solution did, never of what was expected. */
export interface TestResult {
  readonly passed: number
  readonly total: number
  /** Tests of those that failed as they ran out of time. */
  readonly timedOut: number
  readonly failures: readonly { readonly name: string; readonly problem: string }[]
}

/** Runs hidden tests on solutions. */
export interface TestStage {
  run(solution: TestedSolution): Promise<TestResult>
}
