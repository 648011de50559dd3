import type { ClaimedStep } from '@golden-arch/core/tasks'
import { expect, it } from 'vitest'
import { runTests } from './run-tests.ts'
import type { TestedSolution } from './test-stage.ts'

it('the hidden tests of a step have half of its time, so that a report comes of those that take too long', async () => {
  const tests = [{ name: 'sums', run: 'return add(1, 2)', equals: 3 }]
  const step: ClaimedStep = {
    ...{ tenantId: 'acme', taskId: 't', stepId: 'test:1', service: 'sandbox-executor', kind: 'test' },
    ...{ fence: 1, owner: 'o', runs: 1, maxRuns: 5, timeoutMs: 600_000, deadlineAt: new Date(0) },
    request: { solutionHash: 'h', program: 'p', tests },
  }
  const asked: TestedSolution[] = []
  const stage = {
    run: async (solution: TestedSolution) => {
      asked.push(solution)
      return { passed: 1, total: 1, timedOut: 0, failures: [] }
    },
  }
  const { signal } = new AbortController()
  const report = await runTests(stage, step, signal)
  expect(report).toEqual({ solutionHash: 'h', passed: 1, total: 1, timedOut: 0, failures: [] })
  const solution = { tenantId: 'acme', taskId: 't', program: 'p', tests, signal, timeLimitMs: 300_000 }
  expect(asked).toEqual([solution])
})
