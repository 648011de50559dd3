import { type AutoFix, AutoFixRegistry, type GuardFailure } from '@golden-arch/core/tasks'
import { attemptOf, evidenceOf, inputOf, type RepeatedStep } from './coding-facts.ts'
import {
  consensusApproved,
  noVeto,
  planValid,
  signaturePlain,
  solutionPresent,
  testsPassed,
  testsPresent,
} from './coding-guards.ts'
import { CODING_TABLE } from './coding-table.ts'
import { plainSignature } from './plain-signature.ts'

/** Takes off the signature what people paste around it. */
const trimSignature: AutoFix = {
  name: 'trim-signature',
  guard: signaturePlain.name,
  reasons: ['signature-not-plain'],
  normalises: ['signature'],
  plan: ({ task }) => ({
    kind: 'input',
    patch: { signature: plainSignature(inputOf(task).signature) },
  }),
}

/** Asks for another plan, with what was wrong with the last one. */
const planAgain: AutoFix = {
  name: 'plan-again',
  guard: planValid.name,
  plan: (failure) => again(failure, 'plan'),
}

/** Asks for another answer where the last could not be read; a refusal or an empty budget is nothing to ask again about. */
const answerAgain: AutoFix = {
  name: 'answer-again',
  guard: solutionPresent.name,
  plan: (failure) => again(failure, 'generate'),
}

/** Has a tester write the tests that a task came without. */
const writeTests: AutoFix = {
  name: 'write-tests',
  guard: testsPresent.name,
  reasons: ['tests-missing'],
  plan: ({ try: attempt }) => ({ kind: 'task', step: 'write-tests', input: { attempt } }),
}

/** Asks for another solution, with what the tests found. */
const mendTests: AutoFix = {
  name: 'mend-what-tests-found',
  guard: testsPassed.name,
  reasons: ['tests-failed'],
  plan: (failure) => again(failure, 'generate'),
}

/** Asks for another solution, with what the reviewers said. */
const mendReview: AutoFix = {
  name: 'mend-what-reviewers-found',
  guard: consensusApproved.name,
  reasons: ['review-rejected'],
  plan: (failure) => again(failure, 'generate'),
}

/** Asks a person whether a solution that security vetoed is to be taken all the same. */
const askAboutVeto: AutoFix = {
  name: 'ask-about-veto',
  guard: noVeto.name,
  reasons: ['review-vetoed'],
  mendsSecurity: true,
  plan: ({ feedback }) => ({
    kind: 'approval',
    question: `Security vetoed the solution. ${feedback}`,
    level: 'operator',
  }),
}

/** What is done of itself when a guard of the coding table fails. */
export const CODING_FIXES: AutoFixRegistry = new AutoFixRegistry(CODING_TABLE, [
  trimSignature,
  planAgain,
  answerAgain,
  writeTests,
  mendTests,
  mendReview,
  askAboutVeto,
])

function again({ task, guard, feedback }: GuardFailure, step: RepeatedStep): ReturnType<AutoFix['plan']> {
  const { answerFailure } = evidenceOf(task)
  const isAnswer = guard === planValid || guard === solutionPresent
  if (isAnswer && answerFailure?.remediable === false) return undefined
  return { kind: 'task', step, input: { attempt: attemptOf(task, step) + 1, feedback } }
}
