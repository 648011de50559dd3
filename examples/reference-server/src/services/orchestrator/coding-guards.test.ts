import { evidenceHashOf, type Guard, type GuardVerdict, type TaskFacts } from '@golden-arch/core/tasks'
import { describe, expect, it } from 'vitest'
import {
  childrenCompleted,
  consensusApproved,
  noVeto,
  planValid,
  solutionPresent,
  testsPassed,
  testsPresent,
} from './coding-guards.ts'
import { solutionHash } from './solution-hash.ts'
import { codingTask } from './testing/coding-situation.ts'

const test = { name: 'one', run: 'return f()', equals: 1 }
const part = (entryPoint: string): object => ({ entryPoint, signature: 's', description: 'd', tests: [test] })
const input = {
  id: 't',
  description: 'd',
  signature: 's',
  entryPoint: 'f',
  tests: [test],
  parts: [part('a'), part('b')],
}
const solution = { explanation: 'e', code: 'function f() {}' }
const hash = solutionHash(solution.code)
const report = { solutionHash: hash, passed: 2, total: 2, timedOut: 0, failures: [] }
const review = { solutionHash: hash, outcome: 'approved', explanation: 'why', feedback: 'mend it' }

function check(guard: Guard, evidence: TaskFacts): GuardVerdict {
  // A guard is shown what it declares and nothing else.
  const seen = Object.fromEntries(Object.entries(evidence).filter(([field]) => guard.reads.includes(field)))
  const task = codingTask({ input: guard.reads.includes('input') ? input : {}, evidence: seen })
  return guard.check(task, new Date(0))
}

const passed = { passed: true }
const failure = (code: string, remediable: boolean): object => ({ code, feedback: 'f', remediable })
const step = (entryPoint: string, ...dependsOn: string[]): object => ({ entryPoint, goal: 'g', dependsOn })

describe('the guards of a coding task', () => {
  it.each<[string, Guard, TaskFacts, object]>([
    ['a plan that can be followed', planValid, { plan: { steps: [step('b'), step('a', 'b')] } }, passed],
    [
      'a plan with a cycle',
      planValid,
      { plan: { steps: [step('b', 'a'), step('a', 'b')] } },
      { reason: 'plan-invalid' },
    ],
    ['no plan', planValid, { plan: null }, { reason: 'no-answer' }],
    ['a solution', solutionPresent, { solution }, passed],
    ['no answer yet', solutionPresent, {}, { reason: 'no-answer' }],
    [
      'a malformed answer',
      solutionPresent,
      { solution: null, answerFailure: failure('malformed', true) },
      { reason: 'malformed' },
    ],
    ['children that are completed', childrenCompleted, { children: [child('completed')] }, passed],
    ['no children', childrenCompleted, {}, { reason: 'child-not-completed' }],
    [
      'a child that is not completed',
      childrenCompleted,
      { children: [child('completed'), child('escalated')] },
      { reason: 'child-not-completed' },
    ],
    ['tests that all passed', testsPassed, { solution, testReport: report }, passed],
    ['tests that were not run', testsPassed, { solution }, { reason: 'not-tested' }],
    [
      'tests of another solution',
      testsPassed,
      { solution: { ...solution, code: 'other' }, testReport: report },
      { reason: 'not-tested' },
    ],
    [
      'no test at all',
      testsPassed,
      { solution, testReport: { ...report, passed: 0, total: 0 } },
      { passed: false },
    ],
    [
      'a test that failed',
      testsPassed,
      { solution, testReport: { ...report, passed: 1, failures: [{ name: 'n', problem: 'threw' }] } },
      { reason: 'tests-failed', feedback: '1 of 2 hidden tests failed. n: threw' },
    ],
    ['an approval', consensusApproved, { solution, review }, passed],
    ['no review', consensusApproved, { solution }, { reason: 'not-reviewed' }],
    [
      'a review of another solution',
      consensusApproved,
      { solution: { ...solution, code: 'other' }, review },
      { reason: 'not-reviewed' },
    ],
    [
      'a rejection',
      consensusApproved,
      { solution, review: { ...review, outcome: 'rejected' } },
      { reason: 'review-rejected', feedback: 'mend it' },
    ],
  ])('judge %s', (_, guard, evidence, expected) => {
    expect(check(guard, evidence)).toMatchObject(expected)
  })

  it('tell a veto from a want of agreement: only the first is a matter of security', () => {
    const vetoed = { solution, review: { ...review, outcome: 'vetoed' } }
    const split = { solution, review: { ...review, outcome: 'no-consensus' } }
    expect(check(noVeto, vetoed)).toMatchObject({ passed: false, reason: 'review-vetoed' })
    expect(check(noVeto, split)).toEqual(passed)
    expect(check(consensusApproved, split)).toMatchObject({ passed: false, reason: 'no-consensus' })
    expect([noVeto.isSecurity, consensusApproved.isSecurity]).toEqual([true, undefined])
  })

  it('let a vetoed solution pass that a person approved, and no other one', () => {
    const evidence = { solution, review: { ...review, outcome: 'vetoed' } }
    const evidenceHash = evidenceHashOf(codingTask({ evidence }), ['solution', 'review'])
    const word = { by: 'olga', decision: 'approve', note: null, guard: 'no-veto', evidenceHash }
    expect(check(noVeto, { ...evidence, persons: [word] })).toEqual(passed)
    const other = { ...evidence, solution: { ...solution, code: 'other' } }
    expect(check(noVeto, { ...other, persons: [word] })).toMatchObject({ passed: false })
  })

  it('want tests, be they those of the task or those that a tester wrote', () => {
    const none = { ...input, tests: [] }
    const at = (facts: TaskFacts, evidence: TaskFacts): GuardVerdict =>
      testsPresent.check(codingTask({ input: facts, evidence }), new Date(0))
    expect(at(input, {})).toEqual(passed)
    expect(at(none, {})).toMatchObject({ reason: 'tests-missing' })
    expect(at(none, { writtenTests: null })).toMatchObject({ reason: 'tests-missing' })
    expect(at(none, { writtenTests: [test] })).toEqual(passed)
  })

  it('refuse evidence that no stage leaves behind', () => {
    const task = codingTask({ evidence: { solution, approvedByMyself: true } })
    expect(() => solutionPresent.check(task, new Date(0))).toThrow()
  })
})

function child(status: string): object {
  return { taskId: 't/a', status, reason: null }
}
