import { GUARD_PASSED, type Guard, type GuardVerdict, orApproved } from '@golden-arch/core/tasks'
import { evidenceOf, inputOf, testsOf } from './coding-facts.ts'
import { CHILD_NOT_COMPLETED } from './escalation-reasons.ts'
import type { CodingEvidence } from './evidence.ts'
import { plainSignature } from './plain-signature.ts'
import { orderPlan } from './plan-order.ts'
import { solutionHash } from './solution-hash.ts'

const MAX_FAILURES_SHOWN = 3

/** The signature is a plain declaration, as the solution must make it. */
export const signaturePlain: Guard = {
  name: 'signature-plain',
  description:
    'The signature is a plain declaration: no mark of a module, no opened body, no blanks around it.',
  reads: ['input'],
  check: (task) => {
    const { signature } = inputOf(task)
    return plainSignature(signature) === signature
      ? GUARD_PASSED
      : failed('signature-not-plain', 'The signature holds more than a declaration.')
  },
}

/** There is a plan, it covers the task's parts, and its steps can be done in some order. */
export const planValid: Guard = {
  name: 'plan-valid',
  description: "The architect's plan covers the parts of the task, and its steps can be done in some order.",
  reads: ['input', 'plan', 'answerFailure'],
  check: (task) => {
    const evidence = evidenceOf(task)
    if (evidence.plan === undefined || evidence.plan === null) return answerFailed(evidence)
    const parts = (inputOf(task).parts ?? []).map((part) => part.entryPoint)
    const order = orderPlan(evidence.plan, parts)
    return order.ok ? GUARD_PASSED : failed('plan-invalid', `The plan cannot be followed: ${order.problem}.`)
  },
}

/** Every part is completed. */
export const childrenCompleted: Guard = {
  name: 'children-completed',
  description: 'Every part of the task is completed.',
  reads: ['children'],
  check: (task) => {
    const children = evidenceOf(task).children ?? []
    const first = children.find((child) => child.status !== 'completed')
    if (first === undefined && children.length > 0) return GUARD_PASSED
    return failed(
      CHILD_NOT_COMPLETED,
      first === undefined ? 'There are no child tasks.' : `${first.taskId}: ${first.status}`,
    )
  },
}

/** There is a solution. */
export const solutionPresent: Guard = {
  name: 'solution-present',
  description: 'A developer gave a solution that could be read.',
  reads: ['solution', 'answerFailure'],
  check: (task) => {
    const evidence = evidenceOf(task)
    return evidence.solution === undefined || evidence.solution === null
      ? answerFailed(evidence)
      : GUARD_PASSED
  },
}

/** There are hidden tests: those the task came with, or those that a tester wrote. */
export const testsPresent: Guard = {
  name: 'tests-present',
  description: 'There are hidden tests: those that the task came with, or those that a tester wrote.',
  reads: ['input', 'writtenTests'],
  check: (task) =>
    testsOf(task, evidenceOf(task)).length > 0
      ? GUARD_PASSED
      : failed('tests-missing', 'The task came without hidden tests, and nobody has written any.'),
}

/** The sandbox ran every hidden test on this very solution, and each passed. */
export const testsPassed: Guard = {
  name: 'tests-passed',
  description: 'The sandbox ran every hidden test on this very solution, and each passed.',
  reads: ['solution', 'testReport'],
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
    )
  },
}

/** Security did not veto this very solution, or a person approved it in spite of that. */
export const noVeto: Guard = orApproved({
  name: 'no-veto',
  description: 'Security did not veto this very solution.',
  isSecurity: true,
  reads: ['solution', 'review'],
  check: (task) => {
    const { review } = evidenceOf(task)
    return review?.outcome === 'vetoed' ? failed('review-vetoed', review.explanation) : GUARD_PASSED
  },
})

/** The reviewers approved this very solution; a veto is the matter of {@link noVeto}. */
export const consensusApproved: Guard = {
  name: 'consensus-approved',
  description: 'The reviewers approved this very solution.',
  reads: ['solution', 'review'],
  check: (task) => {
    const { solution, review } = evidenceOf(task)
    if (solution === undefined || solution === null || review === undefined || review === null) {
      return failed('not-reviewed', 'There is no review.')
    }
    if (review.solutionHash !== solutionHash(solution.code)) {
      return failed('not-reviewed', 'The review is of another solution.')
    }
    if (review.outcome === 'rejected') return failed('review-rejected', review.feedback)
    if (review.outcome === 'no-consensus') return failed('no-consensus', review.explanation)
    return GUARD_PASSED
  },
}

/** Reason of a missing answer that no other answer can mend, such as a refusal or an empty budget. */
function answerFailed({ answerFailure }: CodingEvidence): GuardVerdict {
  if (answerFailure === undefined || answerFailure === null) {
    return failed('no-answer', 'There is no answer.')
  }
  return failed(answerFailure.code, answerFailure.feedback)
}

function failed(reason: string, feedback: string): GuardVerdict {
  return { passed: false, reason, feedback }
}
