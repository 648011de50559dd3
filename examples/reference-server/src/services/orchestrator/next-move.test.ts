import { isFinalStatus, type Step, type StepState, TASK_STATUSES, type Task } from '@golden-arch/core/tasks'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NextMove, Situation } from './move-decision.ts'
import { nextMove } from './next-move.ts'
import { solutionHash } from './solution-hash.ts'
import {
  codingStep,
  codingTask,
  inputWithParts,
  PLAIN_INPUT,
  partInput,
  situationOf,
} from './testing/coding-situation.ts'

const LIMITS = { maxParallelParts: 2 }
const next = (situation: Situation): NextMove => nextMove(situation, LIMITS)
const solution = { explanation: 'e', code: 'function f() {}' }
const hash = solutionHash(solution.code)
const value = <Value>(one: Value): { kind: 'value'; value: Value } => ({ kind: 'value', value: one })
const refusal = { kind: 'failure', code: 'refused', feedback: 'no', isRemediable: false } as const
const report = { solutionHash: hash, passed: 1, total: 1, timedOut: 0, failures: [] }
const review = { solutionHash: hash, outcome: 'approved', explanation: 'e', feedback: '' } as const
const written = { solution, attempt: 1, answerFailure: null }

function approvalOf(decision: string | undefined, reason = 'r'): Partial<Task> {
  const question = { kind: 'approval', askedAtVersion: 4, reason, question: 'q', level: 'operator' }
  const word = { by: 'olga', decision, note: 'shorter', askedAtVersion: 4, reason }
  return {
    // Only what is read of a question and of a word.
    waitingFor: question as unknown as NonNullable<Task['waitingFor']>,
    evidence: decision === undefined ? {} : { persons: [word] },
  }
}

describe('the next move of a task that was submitted', () => {
  it('is its plan where it has parts, else its work; a part waits for its root', () => {
    const at = (facts: Partial<Task>): NextMove =>
      next(situationOf(codingTask({ status: 'submitted', ...facts })))
    expect(at({})).toEqual({ kind: 'move', to: 'executing' })
    expect(at({ input: inputWithParts('a', 'b') })).toEqual({ kind: 'move', to: 'planning' })
    expect(at({ kind: 'child', input: partInput('a') })).toEqual({ kind: 'wait' })
    expect(at({ kind: 'remediation', input: {} })).toEqual({ kind: 'move', to: 'executing' })
  })
})

describe('the next move of a task at work', () => {
  const at = (steps: readonly Step[], facts: Partial<Task> = {}): NextMove =>
    next(situationOf(codingTask(facts), { steps }))
  const generated = codingStep('generate:1', 'done', value(solution))

  it('asks for a solution, then for its tests, then for the judgement of the guards', () => {
    expect(at([])).toMatchObject({
      kind: 'request',
      step: { stepId: 'generate:1', service: 'agent-runtime' },
    })
    expect(at([codingStep('generate:1', 'running')])).toEqual({ kind: 'wait' })
    expect(at([generated])).toMatchObject({
      kind: 'request',
      step: { stepId: 'test:1', service: 'sandbox-executor' },
    })
    expect(at([generated, codingStep('test:1', 'done', report)])).toEqual({
      kind: 'move',
      to: 'reviewing',
      evidence: { ...written, testReport: report },
    })
  })

  it('asks for a review in reviewing only, and only of what passed its tests', () => {
    const evidence = { ...written, testReport: report }
    expect(at([], { status: 'reviewing', evidence })).toMatchObject({
      step: { stepId: 'review:1', service: 'peer-hub' },
    })
    const reviewed = codingStep('review:1', 'done', review)
    expect(at([reviewed], { status: 'reviewing', evidence })).toEqual({
      kind: 'move',
      to: 'completed',
      evidence: { review },
    })
    const failing = { ...written, testReport: { ...report, passed: 0 } }
    expect(at([], { status: 'reviewing', evidence: failing })).toMatchObject({
      kind: 'move',
      to: 'completed',
    })
  })

  it('completes a part without a review', () => {
    const evidence = { ...written, testReport: report }
    const facts = { kind: 'child', input: partInput('a'), evidence } as const
    expect(at([], facts)).toMatchObject({ kind: 'move', to: 'completed' })
  })

  it('lets the guards judge what needs no test: no answer, or a task without tests', () => {
    expect(at([codingStep('generate:1', 'done', refusal)])).toMatchObject({
      kind: 'move',
      to: 'reviewing',
      evidence: { solution: null, answerFailure: { code: 'refused', remediable: false } },
    })
    expect(at([generated], { input: { ...PLAIN_INPUT, tests: [] } })).toMatchObject({ kind: 'move' })
  })

  it('runs the tests that a tester wrote', () => {
    const evidence = { ...written, writtenTests: PLAIN_INPUT.tests }
    const move = at([], { input: { ...PLAIN_INPUT, tests: [] }, evidence })
    expect(move).toMatchObject({ step: { stepId: 'test:1', request: { tests: PLAIN_INPUT.tests } } })
  })

  it('goes by the attempt that fixes and persons have asked for', () => {
    const again = { attempts: { generate: 2 } }
    expect(at([generated], again)).toMatchObject({ step: { stepId: 'generate:2' } })
    const mended = { ...again, evidence: { ...written, attempt: 2 } }
    expect(at([generated], mended)).toMatchObject({ step: { stepId: 'test:2' } })
  })

  it('asks a person where a step could not be brought to its end, in the words of its failure', () => {
    expect(at([generated, codingStep('test:1', 'failed')])).toEqual({
      kind: 'move',
      to: 'escalated',
      reason: 'step-failed',
      question: 'test:1 failed: the sandbox is away',
    })
  })

  it('asks a person where steps lead nowhere', () => {
    const many = Array.from({ length: 4 }, (_, n) => ({
      ...codingStep(`generate:${n + 1}`, 'done', value({ ...solution, explanation: `${n}` })),
      request: { n },
    }))
    const task = codingTask({ attempts: { generate: 5 }, limits: { ...codingTask().limits, maxSteps: 4 } })
    expect(next(situationOf(task, { steps: many }))).toMatchObject({ to: 'escalated', reason: 'step-limit' })
    const same = many.slice(0, 3).map((step) => ({ ...step, result: value(solution) }))
    expect(at(same, { attempts: { generate: 4 } })).toMatchObject({ to: 'escalated', reason: 'no-progress' })
    expect(at(many.slice(0, 3), { attempts: { generate: 4 } })).toMatchObject({ kind: 'request' })
  })

  it('takes each retry of a person for one more like outcome, up to the steps that a task may take', () => {
    const denied = (times: number, retries: number): NextMove => {
      const persons = Array.from({ length: retries }, () => ({ by: 'olga', decision: 'retry', note: null }))
      const steps = Array.from({ length: times }, (_, n) => ({
        ...codingStep(`generate:${n + 1}`, 'done', refusal),
        request: { n },
      }))
      return at(steps, { attempts: { generate: times + 1 }, evidence: { persons } })
    }
    expect(denied(3, 0)).toMatchObject({ to: 'escalated', reason: 'no-progress' })
    expect(denied(3, 3)).toMatchObject({ kind: 'request', step: { stepId: 'generate:4' } })
    expect(denied(20, 20)).toMatchObject({ kind: 'request', step: { stepId: 'generate:21' } })
    expect(denied(5, 2)).toMatchObject({ to: 'escalated', reason: 'no-progress' })
    const { maxSteps } = codingTask().limits
    expect(denied(maxSteps, maxSteps)).toMatchObject({ to: 'escalated', reason: 'step-limit' })
  })

  it('asks again for the tests of code that a person had written anew once more', () => {
    const asked = next(situationOf(codingTask({ evidence: written })))
    if (asked.kind !== 'request') throw new Error('no tests are asked for')
    const { service, request } = asked.step
    const steps = [1, 2].map((n) => ({ ...codingStep(`test:${n}`, 'done', { n }), service, request }))
    const retried = (persons: readonly object[]): NextMove =>
      at(steps, { attempts: { generate: 3 }, evidence: { ...written, attempt: 3, persons: [...persons] } })
    expect(retried([])).toMatchObject({ to: 'escalated', reason: 'loop-detected' })
    expect(retried([{ decision: 'approve' }])).toMatchObject({ to: 'escalated', reason: 'loop-detected' })
    expect(retried([{ decision: 'retry' }])).toMatchObject({ kind: 'request', step: { stepId: 'test:3' } })
  })

  it('tells agents nothing of hidden tests', () => {
    const secret = { ...PLAIN_INPUT, tests: [{ name: 'n', run: 'return f()', equals: 'k7#expected' }] }
    const generate = JSON.stringify(at([], { input: secret }))
    const facts = {
      status: 'reviewing',
      input: secret,
      evidence: { ...written, testReport: report },
    } as const
    expect(generate + JSON.stringify(at([], facts))).not.toContain('k7#expected')
  })
})

describe('the next move of a root that has parts', () => {
  const input = inputWithParts('a', 'b', 'c')
  const plan = {
    steps: [
      { entryPoint: 'b', goal: 'g', dependsOn: ['a'] },
      { entryPoint: 'a', goal: 'g', dependsOn: [] },
      { entryPoint: 'c', goal: 'g', dependsOn: ['b'] },
    ],
  }

  it('is its plan, and then its parts in an order that can be done, each with all that it builds on', () => {
    const root = codingTask({ status: 'planning', input })
    expect(next(situationOf(root))).toMatchObject({ step: { stepId: 'plan:1' } })
    const move = next(situationOf(root, { steps: [codingStep('plan:1', 'done', value(plan))] }))
    expect(move).toMatchObject({
      kind: 'move',
      to: 'waiting',
      resumeTo: 'executing',
      evidence: { planAttempt: 1 },
    })
    const parts = move.kind === 'move' ? (move.children ?? []) : []
    expect(parts.map(({ taskId }) => taskId)).toEqual(['t/a', 't/b', 't/c'])
    expect(parts.map((part) => part.input.uses)).toMatchObject([
      [],
      [{ entryPoint: 'a' }],
      [{ entryPoint: 'a' }, { entryPoint: 'b' }],
    ])
  })

  const waiting = codingTask({
    status: 'waiting',
    input,
    waitingFor: { kind: 'children' },
    resumeTo: 'executing',
  })
  const part = (name: string, status: Task['status'], ...uses: readonly string[]): Task =>
    codingTask({ kind: 'child', taskId: `t/${name}`, status, input: partInput(name, ...uses) })
  const withParts = (...parts: readonly Task[]): NextMove => next(situationOf(waiting, { parts }))

  it('lets parts begin whose own parts are done, so many at once', () => {
    const a = part('a', 'submitted')
    const b = part('b', 'submitted', 'a')
    const c = part('c', 'submitted')
    const d = part('d', 'submitted')
    expect(withParts(a, b, c, d)).toEqual({ kind: 'start', parts: [a, c] })
    expect(withParts(part('a', 'executing'), b, c, d)).toEqual({ kind: 'start', parts: [c] })
    expect(withParts(part('a', 'completed'), b, c, part('d', 'executing'))).toEqual({
      kind: 'start',
      parts: [b],
    })
    expect(withParts(part('a', 'executing'), b, part('c', 'waiting'), d)).toEqual({ kind: 'wait' })
  })

  it('waits for a part that waits for a person, and goes on once every part has ended', () => {
    expect(withParts(part('a', 'escalated'), part('b', 'submitted', 'a'))).toEqual({ kind: 'wait' })
    expect(withParts(part('a', 'completed'), part('b', 'failed'))).toMatchObject({
      kind: 'move',
      to: 'executing',
    })
  })

  it('asks a person where a part has failed that others need', () => {
    expect(withParts(part('a', 'failed'), part('b', 'submitted', 'a'))).toMatchObject({
      to: 'escalated',
      reason: 'child-not-completed',
    })
  })

  it('tests each program with all that it builds on, in the order of the plan', () => {
    const done = (name: string, ...uses: readonly string[]): Task =>
      codingTask({
        kind: 'child',
        status: 'completed',
        input: partInput(name, ...uses),
        evidence: { solution: { explanation: 'e', code: `/* ${name} */` } },
      })
    const parts = [done('a'), done('b', 'a'), done('c')]
    const programOf = (task: Task): unknown => {
      const move = next(situationOf(task, { parts }))
      return move.kind === 'request' ? move.step.request.program : move
    }
    const root = codingTask({ input, evidence: written })
    expect(programOf(root)).toBe(['/* a */', '/* b */', '/* c */', solution.code].join('\n;\n'))
    const b = codingTask({ kind: 'child', input: partInput('b', 'a'), evidence: written })
    expect(programOf(b)).toBe(['/* a */', solution.code].join('\n;\n'))
  })
})

describe('the next move of a task that waits', () => {
  const fixing = {
    kind: 'fix',
    fixId: 'x',
    taskId: 't/generate-2',
    guard: 'g',
    to: 'reviewing',
    try: 1,
  } as const
  const waiting = codingTask({ status: 'waiting', waitingFor: fixing, resumeTo: 'executing' })

  it('takes over what its remediation task found, however that ended', () => {
    const fix = codingTask({ kind: 'remediation', status: 'executing', evidence: { attempt: 2 } })
    expect(next(situationOf(waiting, { fix }))).toEqual({ kind: 'wait' })
    for (const status of ['completed', 'failed', 'cancelled'] as const) {
      expect(next(situationOf(waiting, { fix: { ...fix, status } }))).toEqual({
        kind: 'move',
        to: 'executing',
        evidence: { attempt: 2 },
      })
    }
  })

  it.each([
    ['escalated', 'executing', undefined, { kind: 'wait' }],
    ['escalated', 'reviewing', 'approve', { kind: 'move', to: 'completed' }],
    ['waiting', 'reviewing', 'approve', { kind: 'move', to: 'reviewing' }],
    // What was voted is forgotten: the same code, written again, is reviewed again.
    [
      'escalated',
      'executing',
      'retry',
      { kind: 'move', to: 'executing', newAttempts: ['generate'], evidence: { review: null } },
    ],
    ['escalated', 'submitted', 'retry', { kind: 'move', to: 'submitted' }],
    ['escalated', 'planning', 'retry', { kind: 'move', to: 'planning', newAttempts: ['plan'] }],
    ['escalated', 'waiting', 'retry', { kind: 'move', to: 'waiting', resumeTo: 'executing' }],
  ] as const)(
    'in %s, to go on in %s, follows the word %s of a person',
    (status, resumeTo, decision, expected) => {
      expect(next(situationOf(codingTask({ status, resumeTo, ...approvalOf(decision) })))).toEqual(expected)
    },
  )

  it('fails a root whose parts could not be done, as it has no step of its own to do again', () => {
    const asked = approvalOf('retry', 'child-not-completed')
    const task = codingTask({ status: 'escalated', resumeTo: 'waiting', ...asked })
    expect(next(situationOf(task))).toEqual({ kind: 'move', to: 'failed', reason: 'nothing-to-retry' })
  })

  it.each(['approve', 'retry'])(
    'ends a remediation task that a person was asked about, at %s',
    (decision) => {
      const fix = codingTask({ kind: 'remediation', status: 'escalated', resumeTo: 'executing' })
      expect(next(situationOf({ ...fix, ...approvalOf(decision) }))).toEqual({
        kind: 'move',
        to: 'failed',
        reason: 'cannot-go-on',
      })
    },
  )

  it('takes over nothing that persons said of its remediation task', () => {
    const evidence = { attempt: 2, ...approvalOf('reject').evidence }
    const fix = codingTask({ kind: 'remediation', status: 'failed', evidence })
    expect(next(situationOf(waiting, { fix }))).toEqual({
      kind: 'move',
      to: 'executing',
      evidence: { attempt: 2 },
    })
  })

  it('hands a person’s wish on to the agent', () => {
    const { evidence } = approvalOf('retry')
    const task = codingTask({ attempts: { generate: 2 }, evidence: { ...evidence, ...written } })
    expect(next(situationOf(task))).toMatchObject({
      step: { stepId: 'generate:2', request: { feedback: 'shorter', previousCode: solution.code } },
    })
  })
})

describe('the next move of a remediation task', () => {
  const fixing = (step: string): Task =>
    codingTask({ kind: 'remediation', taskId: `t/${step}-2`, input: { step, attempt: 2, feedback: 'wrong' } })
  const parent = codingTask({ evidence: written })

  it('does its step in the words of what refused the last one', () => {
    expect(next(situationOf(fixing('generate'), { parent }))).toMatchObject({
      step: {
        stepId: 'generate:2',
        request: { attempt: 2, feedback: 'wrong', previousCode: solution.code, task: { id: 't' } },
      },
    })
  })

  it.each([
    ['generate', solution, { solution, attempt: 2 }],
    ['plan', { steps: [] as unknown[] }, undefined],
    ['write-tests', { tests: Array.from({ length: 3 }, () => PLAIN_INPUT.tests[0]) }, undefined],
  ])('leaves behind what %s found', (step, answer, evidence) => {
    const steps = [codingStep(`${step}:2`, 'done', refusal)]
    expect(next(situationOf(fixing(step), { parent, steps }))).toMatchObject({
      to: 'failed',
      reason: 'refused',
    })
    if (evidence === undefined) return
    const done = [codingStep(`${step}:2`, 'done', value(answer))]
    expect(next(situationOf(fixing(step), { parent, steps: done }))).toEqual({
      kind: 'move',
      to: 'completed',
      evidence: { ...evidence, answerFailure: null },
    })
  })
})

describe('the next move of any task', () => {
  const results: Readonly<Record<string, object>> = {
    'generate:1': value(solution),
    'generate:2': refusal,
    'test:1': report,
    'test:2': report,
    'review:1': review,
    'review:2': review,
  }
  const anySteps = fc
    .uniqueArray(fc.constantFrom(...Object.keys(results)), { maxLength: 6 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id) =>
          fc
            .constantFrom<StepState>('requested', 'running', 'done', 'failed', 'cancelled')
            .map((state) => codingStep(id, state, state === 'done' ? { ...results[id] } : null)),
        ),
      ),
    )
  const anyTask = fc
    .record({
      status: fc.constantFrom(...TASK_STATUSES.filter((one) => one !== 'planning' && one !== 'waiting')),
      attempts: fc.constantFrom({}, { generate: 2 }),
      evidence: fc.constantFrom({}, written, { ...written, testReport: report }, { ...written, attempt: 2 }),
    })
    .map((facts) => codingTask(facts))

  it('asks for no step that was asked for, moves nothing that has ended, and waits only for what comes', () => {
    fc.assert(
      fc.property(anyTask, anySteps, (task, steps) => {
        const move = next(situationOf(task, { steps }))
        if (isFinalStatus(task.status)) expect(move.kind).toBe('wait')
        if (move.kind === 'request') expect(steps.map(({ stepId }) => stepId)).not.toContain(move.step.stepId)
        if (move.kind === 'wait' && (task.status === 'executing' || task.status === 'reviewing')) {
          expect(steps.some(({ state }) => state === 'requested' || state === 'running')).toBe(true)
        }
      }),
    )
  })
})
