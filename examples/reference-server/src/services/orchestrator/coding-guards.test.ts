import type { Guard, GuardVerdict, Task, TaskFacts } from '@golden-arch/core/tasks'
import { describe, expect, it } from 'vitest'
import {
  childrenCompleted,
  consensusApproved,
  planValid,
  solutionPresent,
  testsPassed,
} from './coding-guards.ts'
import { solutionHash } from './solution-hash.ts'

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
const report = { solutionHash: hash, passed: 2, total: 2, failures: [] }
const review = { solutionHash: hash, outcome: 'approved', explanation: 'why', feedback: 'mend it' }

function check(guard: Guard, evidence: TaskFacts): GuardVerdict {
  const task: Task = {
    tenantId: 'acme',
    taskId: 't',
    projectId: 'p',
    parentTaskId: null,
    kind: 'root',
    title: 't',
    status: 'generating',
    statusReason: null,
    version: 1,
    attempts: {},
    input,
    evidence,
    createdBy: 'ada',
    createdAt: new Date(0),
    updatedAt: new Date(0),
  }
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
      { reason: 'plan-invalid', remedy: 'plan' },
    ],
    ['no plan', planValid, { plan: null }, { reason: 'no-answer', remedy: 'plan' }],
    ['a solution', solutionPresent, { solution }, passed],
    ['no answer yet', solutionPresent, {}, { reason: 'no-answer', remedy: 'generate' }],
    [
      'a malformed answer',
      solutionPresent,
      { solution: null, answerFailure: failure('malformed', true) },
      { reason: 'malformed', remedy: 'generate' },
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
      { reason: 'tests-failed', remedy: 'generate', feedback: '1 of 2 hidden tests failed. n: threw' },
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
      { reason: 'review-rejected', feedback: 'mend it', remedy: 'generate' },
    ],
  ])('judge %s', (_, guard, evidence, expected) => {
    expect(check(guard, evidence)).toMatchObject(expected)
  })

  it.each<[string, Guard, TaskFacts]>([
    ['a refusal', solutionPresent, { solution: null, answerFailure: failure('refused', false) }],
    ['a veto', consensusApproved, { solution, review: { ...review, outcome: 'vetoed' } }],
    ['no consensus', consensusApproved, { solution, review: { ...review, outcome: 'no-consensus' } }],
  ])('see no remedy for %s', (_, guard, evidence) => {
    expect(check(guard, evidence)).not.toHaveProperty('remedy')
    expect(check(guard, evidence).passed).toBe(false)
  })

  it('refuse evidence that no stage leaves behind', () => {
    expect(() => check(solutionPresent, { solution, approvedByMyself: true })).toThrow()
  })
})

function child(status: string): object {
  return { taskId: 't/a', status, reason: null }
}
