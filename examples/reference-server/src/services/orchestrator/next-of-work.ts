import type { Task } from '@golden-arch/core/tasks'
import { solutionSchema } from '../agent-runtime/answers.ts'
import { reviewReportSchema } from '../peer-hub/review-request.ts'
import { testReportSchema } from '../sandbox-executor/test-request.ts'
import { attemptOf, evidenceOf, testsOf, wishOf } from './coding-facts.ts'
import { type CodingStep, generateStep, reviewStep, testStep } from './coding-steps.ts'
import type { CodingEvidence } from './evidence.ts'
import { answerFound, stepLost } from './found-answer.ts'
import type { NextMove, Situation } from './move-decision.ts'
import { solutionHash } from './solution-hash.ts'
import { bookOf, outcomeOf, replySchema, type StepBook, type StepOutcome } from './step-outcome.ts'

/**
 * What is next for a task whose solution is written, tested and, in `reviewing`, reviewed: the first of these that is
 * not there yet for this attempt; and where all are, or one speaks against the solution, the move that the guards judge.
 */
export function nextOfWork({ task, steps, parts }: Situation): NextMove {
  const book = bookOf(steps)
  const attempt = attemptOf(task, 'generate')
  const before = evidenceOf(task)
  const answer =
    before.attempt === attempt ? { kind: 'found' as const, evidence: {} } : solutionOf(task, book, attempt)
  if (answer.kind !== 'found') return answer.next
  const found: CodingEvidence = { ...answer.evidence }
  const { solution } = { ...before, ...found }
  const offer = (): NextMove => ({ kind: 'move', to: goalOf(task), evidence: found })
  if (solution === undefined || solution === null) return offer()
  const { code } = solution
  const evidence = { ...before, ...found }
  if (testsOf(task, evidence).length === 0) return offer()

  const hash = solutionHash(code)
  if (evidence.testReport?.solutionHash !== hash) {
    const tested = outcomeOf(book, `test:${attempt}`, testReportSchema)
    if (tested.kind !== 'done')
      return nextOfPart(tested, () => testStep(task, evidence, { attempt, code, parts }))
    found.testReport = tested.value
  }
  const report = found.testReport ?? evidence.testReport
  const isSound = report !== undefined && report !== null && report.passed === report.total
  if (task.status !== 'reviewing' || !isSound || evidence.review?.solutionHash === hash) return offer()

  const reviewed = outcomeOf(book, `review:${attempt}`, reviewReportSchema)
  if (reviewed.kind !== 'done') return nextOfPart(reviewed, () => reviewStep(task, attempt, code))
  found.review = reviewed.value
  return offer()
}

/** Where a task goes once its work is done. */
function goalOf(task: Task): 'reviewing' | 'completed' {
  return task.kind === 'root' && task.status === 'executing' ? 'reviewing' : 'completed'
}

type Answer =
  | { readonly kind: 'found'; readonly evidence: CodingEvidence }
  | { readonly kind: 'next'; readonly next: NextMove }

function solutionOf(task: Task, book: StepBook, attempt: number): Answer {
  const outcome = outcomeOf(book, `generate:${attempt}`, replySchema(solutionSchema))
  if (outcome.kind === 'done') {
    const { value, answerFailure } = answerFound(outcome.value)
    return { kind: 'found', evidence: { solution: value, attempt, answerFailure } }
  }
  const next = nextOfPart(outcome, () => {
    const feedback = wishOf(task)
    const previousCode = evidenceOf(task).solution?.code
    return generateStep(task, {
      attempt,
      ...(feedback === undefined ? {} : { feedback }),
      ...(previousCode === undefined ? {} : { previousCode }),
    })
  })
  return { kind: 'next', next }
}

function nextOfPart(
  outcome: Exclude<StepOutcome<unknown>, { kind: 'done' }>,
  ask: () => CodingStep,
): NextMove {
  if (outcome.kind === 'missing') return { kind: 'request', step: ask() }
  return outcome.kind === 'pending' ? { kind: 'wait' } : stepLost(outcome.problem)
}
