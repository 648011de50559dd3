import { type AutoFixAction, DEFAULT_FIX_POLICY, decideTransition, type Task } from '@golden-arch/core/tasks'
import { describe, expect, it } from 'vitest'
import { CODING_FIXES } from './coding-fixes.ts'
import { CODING_TABLE } from './coding-table.ts'
import { solutionHash } from './solution-hash.ts'
import { codingTask, inputWithParts, PLAIN_INPUT } from './testing/coding-situation.ts'

const rules = { table: CODING_TABLE, fixes: CODING_FIXES, policy: DEFAULT_FIX_POLICY }
const solution = { explanation: 'e', code: 'function f() {}' }
const hash = solutionHash(solution.code)
const report = { solutionHash: hash, passed: 1, total: 1, timedOut: 0, failures: [] }
const review = { solutionHash: hash, outcome: 'approved', explanation: 'why', feedback: 'mend it' }

function fixOf(task: Task, to: Task['status']): AutoFixAction | string {
  const decision = decideTransition(task, { to }, rules, new Date(0))
  return decision.kind === 'fix' ? decision.fix.action : `${decision.kind} ${decision.reason}`
}

describe('the fixes of coding tasks', () => {
  it.each<[string, Partial<Task>, Task['status'], unknown]>([
    [
      'a plan that cannot be followed',
      {
        status: 'planning',
        input: inputWithParts('a', 'b'),
        evidence: { plan: { steps: [{ entryPoint: 'a', goal: 'g', dependsOn: [] }] } },
      },
      'waiting',
      { kind: 'task', step: 'plan' },
    ],
    [
      'an answer that cannot be read',
      { evidence: { solution: null, answerFailure: { code: 'no_json', feedback: 'f', remediable: true } } },
      'reviewing',
      { kind: 'task', step: 'generate' },
    ],
    [
      'a refusal',
      { evidence: { solution: null, answerFailure: { code: 'refused', feedback: 'f', remediable: false } } },
      'reviewing',
      'escalation refused',
    ],
    [
      'missing tests',
      { input: { ...PLAIN_INPUT, tests: [] }, evidence: { solution } },
      'reviewing',
      { kind: 'task', step: 'write-tests' },
    ],
    [
      'tests that failed',
      { evidence: { solution, testReport: { ...report, passed: 0 } } },
      'reviewing',
      { kind: 'task', step: 'generate' },
    ],
    [
      'a rejection',
      {
        status: 'reviewing',
        evidence: { solution, testReport: report, review: { ...review, outcome: 'rejected' } },
      },
      'completed',
      { kind: 'task', step: 'generate' },
    ],
    [
      'a veto',
      {
        status: 'reviewing',
        evidence: { solution, testReport: report, review: { ...review, outcome: 'vetoed' } },
      },
      'completed',
      { kind: 'approval', level: 'operator' },
    ],
    [
      'no consensus',
      {
        status: 'reviewing',
        evidence: { solution, testReport: report, review: { ...review, outcome: 'no-consensus' } },
      },
      'completed',
      'escalation no-consensus',
    ],
  ])('do for %s what can be done', (_, facts, to, expected) => {
    const found = fixOf(codingTask(facts), to)
    if (typeof expected === 'string') expect(found).toBe(expected)
    else expect(found).toMatchObject(expected as object)
  })

  it('bring a signature into its plain form, and let the task go on at once', () => {
    const input = { ...PLAIN_INPUT, signature: ' export function f(): void {' }
    const task = codingTask({ status: 'submitted', input })
    const decision = decideTransition(task, { to: 'executing' }, rules, new Date(0))
    expect(decision).toMatchObject({ kind: 'moved', to: 'executing' })
    expect(decision.input).toEqual({ ...PLAIN_INPUT, signature: 'function f(): void' })
    expect(decision.tries).toMatchObject([{ fix: 'trim-signature', outcome: 'succeeded' }])
  })

  it('end with an escalation once they were tried as often as the policy allows', () => {
    const evidence = { solution, testReport: { ...report, passed: 0 } }
    const fixes = { 'executing>reviewing/tests-passed': 1 }
    expect(fixOf(codingTask({ evidence, fixes }), 'reviewing')).toBe('escalation fixes-exhausted')
  })
})
