import { GUARD_PASSED, type Guard, type GuardVerdict, type Task } from '@golden-arch/core/tasks'
import { codingInputSchema } from './coding-task.ts'
import { type CodingEvidence, evidenceSchema } from './evidence.ts'
import { orderPlan } from './plan-order.ts'
import { solutionHash } from './solution-hash.ts'

const MAX_FAILURES_SHOWN = 3

/** There is a plan, it covers the task's parts, and its steps can be done in some order. */
export const planValid: Guard = {
  name: 'plan-valid',
  check: (task) => {
    const evidence = evidenceOf(task)
    if (evidence.plan === undefined || evidence.plan === null) return answerFailed(evidence, 'plan')
    const parts = (codingInputSchema.parse(task.input).parts ?? []).map((part) => part.entryPoint)
    const order = orderPlan(evidence.plan, parts)
    return order.ok
      ? GUARD_PASSED
      : failed('plan-invalid', `The plan cannot be followed: ${order.problem}.`, 'plan')
  },
}

/** Every child task is completed. */
export const childrenCompleted: Guard = {
  name: 'children-completed',
  check: (task) => {
    const open = (evidenceOf(task).children ?? []).filter((child) => child.status !== 'completed')
    const first = open[0]
    if (first === undefined && (evidenceOf(task).children ?? []).length > 0) return GUARD_PASSED
    return failed(
      'child-not-completed',
      first === undefined ? 'There are no child tasks.' : `${first.taskId}: ${first.status}`,
    )
  },
}

/** There is a solution. */
export const solutionPresent: Guard = {
  name: 'solution-present',
  check: (task) => {
    const evidence = evidenceOf(task)
    return evidence.solution === undefined || evidence.solution === null
      ? answerFailed(evidence, 'generate')
      : GUARD_PASSED
  },
}

/** The sandbox ran every hidden test on this very solution, and each passed. */
export const testsPassed: Guard = {
  name: 'tests-passed',
  check: (task) => {
    const { solution, testReport } = evidenceOf(task)
    if (solution === undefined || solution === null || testReport === undefined || testReport === null) {
      return failed('not-tested', 'There is no test report.')
    }
    if (testReport.solutionHash !== solutionHash(solution.code)) {
      return failed('not-tested', 'The test report is of another solution.')
    }
    if (testReport.total > 0 && testReport.passed === testReport.total) return GUARD_PASSED
    const shown = testReport.failures.slice(0, MAX_FAILURES_SHOWN).map((one) => `${one.name}: ${one.problem}`)
    return failed(
      'tests-failed',
      `${testReport.total - testReport.passed} of ${testReport.total} hidden tests failed. ${shown.join('; ')}`,
      'generate',
    )
  },
}

/** The reviewers approved this very solution. */
export const consensusApproved: Guard = {
  name: 'consensus-approved',
  check: (task) => {
    const { solution, review } = evidenceOf(task)
    if (solution === undefined || solution === null || review === undefined || review === null) {
      return failed('not-reviewed', 'There is no review.')
    }
    if (review.solutionHash !== solutionHash(solution.code)) {
      return failed('not-reviewed', 'The review is of another solution.')
    }
    if (review.outcome === 'approved') return GUARD_PASSED
    if (review.outcome === 'vetoed') return failed('review-vetoed', review.explanation)
    if (review.outcome === 'no-consensus') return failed('no-consensus', review.explanation)
    return failed('review-rejected', review.feedback, 'generate')
  },
}

function answerFailed(evidence: CodingEvidence, step: string): GuardVerdict {
  const failure = evidence.answerFailure
  if (failure === undefined || failure === null) return failed('no-answer', 'There is no answer.', step)
  return failed(failure.code, failure.feedback, failure.remediable ? step : undefined)
}

function failed(reason: string, feedback: string, remedy?: string): GuardVerdict {
  return { passed: false, reason, feedback, ...(remedy === undefined ? {} : { remedy }) }
}

function evidenceOf(task: Task): CodingEvidence {
  return evidenceSchema.parse(task.evidence)
}
