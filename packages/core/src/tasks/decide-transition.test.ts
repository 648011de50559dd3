import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyDecision } from './apply-decision.ts'
import type { AutoFix, AutoFixAction, FixPolicy } from './auto-fix.ts'
import { AutoFixRegistry } from './auto-fix-registry.ts'
import { FIX_REFUSED, FIXES_EXHAUSTED } from './decide-fix.ts'
import { decideTransition, type TransitionRules } from './decide-transition.ts'
import { GUARD_PASSED, type Guard } from './guard.ts'
import { personSaid } from './persons-guards.ts'
import type { PersonsWord } from './persons-word.ts'
import type { Task } from './task.ts'
import { DEFAULT_TASK_LIMITS } from './task-limits.ts'
import { isFinalStatus, TASK_STATUSES } from './task-status.ts'
import type { TransitionRequest } from './transition-decision.ts'
import { type TransitionRule, TransitionTable } from './transition-table.ts'
import type { WaitingForApproval } from './waiting-for.ts'

const now = new Date('2026-03-01T12:00:00Z')

function task(change: Partial<Task> = {}): Task {
  return {
    tenantId: 'acme',
    taskId: 't-1',
    projectId: 'p-1',
    parentTaskId: null,
    rootTaskId: 't-1',
    depth: 0,
    kind: 'root',
    title: 'a task',
    status: 'executing',
    statusReason: null,
    waitingFor: null,
    resumeTo: null,
    version: 3,
    attempts: {},
    fixes: {},
    limits: DEFAULT_TASK_LIMITS,
    input: {},
    evidence: {},
    wakeAt: null,
    deadlineAt: null,
    createdBy: 'ada',
    createdAt: now,
    updatedAt: now,
    ...change,
  }
}

function guard(change: Partial<Guard> = {}): Guard {
  return {
    name: 'tests-passed',
    description: 'The tests passed.',
    reads: ['tests'],
    check: ({ evidence }) =>
      evidence.tests === 'passed'
        ? GUARD_PASSED
        : { passed: false, reason: 'tests-failed', feedback: 'two tests failed' },
    ...change,
  }
}

function fix(action: AutoFixAction | undefined, change: Partial<AutoFix> = {}): AutoFix {
  return { name: 'generate-again', guard: 'tests-passed', plan: () => action, ...change }
}

const generate: AutoFixAction = { kind: 'task', step: 'generate' }

function rulesOf(
  guards: readonly Guard[],
  fixes: readonly AutoFix[] = [],
  policy: Partial<FixPolicy> = {},
  more: readonly TransitionRule[] = [],
): TransitionRules {
  const table = new TransitionTable([{ from: 'executing', to: 'reviewing', guards }, ...more])
  return {
    table,
    fixes: new AutoFixRegistry(table, fixes),
    policy: { maxTriesPerGuard: 1, maxFixesPerTask: 3, ...policy },
  }
}

const toReview: TransitionRequest = { to: 'reviewing' }

function word(question: WaitingForApproval, decision: PersonsWord['decision']): PersonsWord {
  const { askedAtVersion, guard: name, reason, evidenceHash } = question
  return { by: 'ada', decision, note: null, at: '', askedAtVersion, guard: name, reason, evidenceHash }
}

describe('decideTransition', () => {
  it('moves a task when every guard passes and keeps the evidence given', () => {
    const rules = rulesOf([guard(), guard({ name: 'other', check: () => GUARD_PASSED })])
    const given = task({ evidence: { kept: 1, tests: 'failed' } })
    const decision = decideTransition(given, { ...toReview, evidence: { tests: 'passed' } }, rules, now)
    expect(decision).toMatchObject({ kind: 'moved', to: 'reviewing', reason: null, tries: [] })
    expect(decision.evidence).toEqual({ kept: 1, tests: 'passed' })
  })

  it('shows a guard the evidence and the input that it declares, and nothing else', () => {
    const seen: unknown[] = []
    const spy = (name: string, reads: readonly string[]): Guard =>
      guard({
        name,
        reads,
        check: ({ evidence, input }) => {
          seen.push([evidence, input])
          return GUARD_PASSED
        },
      })
    const rules = rulesOf([spy('a', ['tests']), spy('b', ['input']), spy('c', ['*'])])
    const given = task({ evidence: { tests: 1, other: 2 }, input: { wanted: 3 } })
    decideTransition(given, toReview, rules, now)
    expect(seen).toEqual([
      [{ tests: 1 }, {}],
      [{}, { wanted: 3 }],
      [{ tests: 1, other: 2 }, { wanted: 3 }],
    ])
  })

  it('stops at the first guard that refuses', () => {
    const second = guard({
      name: 'second',
      check: () => {
        throw new Error('must not be asked')
      },
    })
    const decision = decideTransition(task(), toReview, rulesOf([guard(), second], [fix(generate)]), now)
    expect(decision).toMatchObject({ kind: 'fix', guard: 'tests-passed', refusedBy: ['tests-passed'] })
  })

  it('asks a person where no fix is declared, and where the fix sees nothing to do', () => {
    for (const fixes of [[], [fix(undefined)]]) {
      const decision = decideTransition(task(), toReview, rulesOf([guard()], fixes), now)
      expect(decision).toMatchObject({
        kind: 'escalation',
        guard: 'tests-passed',
        reason: 'tests-failed',
        isExhausted: false,
        resumeTo: 'executing',
        tries: [],
      })
    }
  })

  it('chooses the fix that names the reason before one for every reason', () => {
    const named = fix({ kind: 'task', step: 'test' }, { name: 'named', reasons: ['tests-failed'] })
    const rules = rulesOf([guard()], [fix(generate), named])
    expect(decideTransition(task(), toReview, rules, now)).toMatchObject({ fix: { fix: 'named' } })
  })

  it('tries a fix as a remediation task: the task waits, and its step is at the next attempt', () => {
    const decision = decideTransition(task(), toReview, rulesOf([guard()], [fix(generate)]), now)
    expect(decision).toMatchObject({
      kind: 'fix',
      fix: { fix: 'generate-again', transition: 'executing>reviewing', try: 1, outcome: 'started' },
      attempts: { generate: 2 },
      fixes: { 'executing>reviewing/tests-passed': 1 },
    })
    expect(applyDecision(task(), decision)).toMatchObject({
      wake: 'never',
      task: {
        status: 'waiting',
        resumeTo: 'executing',
        waitingFor: { kind: 'fix', taskId: 't-1/generate-2', to: 'reviewing', try: 1 },
      },
    })
  })

  it('gives the same try of one task the same id, and another to every other', () => {
    const idOf = (change: Partial<Task>, policy = {}): string => {
      const decision = decideTransition(
        task(change),
        toReview,
        rulesOf([guard()], [fix(generate)], policy),
        now,
      )
      return decision.tries[0]?.fixId ?? ''
    }
    expect(idOf({})).toBe(idOf({ version: 9 }))
    const others = [
      idOf({}),
      idOf({ taskId: 't-2' }),
      idOf({ tenantId: 'other' }),
      idOf({ fixes: { 'executing>reviewing/tests-passed': 1 } }, { maxTriesPerGuard: 2 }),
    ]
    expect(new Set(others).size).toBe(others.length)
  })

  it('never tries a fix more often than the policy allows, for a guard and for a task', () => {
    const bound = fc.integer({ min: 0, max: 6 })
    const moves = fc.array(fc.constantFrom('reviewing', 'completed'), { maxLength: 20 })
    fc.assert(
      fc.property(bound, bound, moves, (maxTriesPerGuard, maxFixesPerTask, asked) => {
        const more: TransitionRule[] = [
          { from: 'executing', to: 'completed', guards: [guard({ name: 'done' })] },
        ]
        const fixes = [fix(generate), fix(generate, { name: 'again', guard: 'done' })]
        const table = new TransitionTable([
          { from: 'executing', to: 'reviewing', guards: [guard()] },
          ...more,
        ])
        const rules = {
          table,
          fixes: new AutoFixRegistry(table, fixes),
          policy: { maxTriesPerGuard, maxFixesPerTask },
        }
        let current = task()
        const tries: Record<string, number> = {}
        for (const to of asked) {
          const decision = decideTransition(current, { to: to as 'reviewing' }, rules, now)
          const earlier = tries[to] ?? 0
          const all = Object.values(tries).reduce((sum, count) => sum + count, 0)
          if (earlier < maxTriesPerGuard && all < maxFixesPerTask) {
            expect(decision).toMatchObject({ kind: 'fix', fix: { try: earlier + 1 } })
            tries[to] = earlier + 1
          } else {
            expect(decision).toMatchObject({ kind: 'escalation', reason: FIXES_EXHAUSTED, isExhausted: true })
          }
          // As a remediation task that has ended leaves it.
          current = { ...applyDecision(current, decision).task, status: 'executing', waitingFor: null }
        }
      }),
    )
  })

  it('normalises the input and looks again at once, and counts the try as a success', () => {
    const named = guard({
      name: 'named',
      reads: ['input'],
      check: ({ input }) =>
        input.name === 'sum' ? GUARD_PASSED : { passed: false, reason: 'name', feedback: 'no name' },
    })
    const trim = fix({ kind: 'input', patch: { name: 'sum' } }, { guard: 'named', normalises: ['name'] })
    const given = task({ input: { name: ' sum ', kept: 1 } })
    const decision = decideTransition(given, toReview, rulesOf([named], [trim]), now)
    expect(decision).toMatchObject({ kind: 'moved', input: { name: 'sum', kept: 1 }, refusedBy: ['named'] })
    expect(decision.tries).toMatchObject([{ try: 1, outcome: 'succeeded' }])
    expect(decision.fixes).toEqual({ 'executing>reviewing/named': 1 })
  })

  it('asks a person when the normalised input is refused again, and counts the try as failed', () => {
    const patch = fix({ kind: 'input', patch: { name: 'sum' } })
    const decision = decideTransition(task(), toReview, rulesOf([guard()], [patch]), now)
    expect(decision).toMatchObject({ kind: 'escalation', reason: FIXES_EXHAUSTED, isExhausted: true })
    expect(decision.tries).toMatchObject([{ outcome: 'failed' }])
    expect(decision.input).toEqual({ name: 'sum' })
  })

  it('ends although a fix normalises the input for ever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), (tries, all) => {
        const patch = fix({ kind: 'input', patch: { name: 'sum' } })
        const policy = { maxTriesPerGuard: tries, maxFixesPerTask: all }
        const decision = decideTransition(task(), toReview, rulesOf([guard()], [patch], policy), now)
        expect(decision.kind).toBe('escalation')
        expect(decision.tries).toHaveLength(Math.min(tries, all))
      }),
    )
  })

  it('refuses a fix that would write a field of the input which a guard of the move reads, unless it normalises that', () => {
    const reader = guard({ name: 'reader', reads: ['input'], check: () => GUARD_PASSED })
    const patch: AutoFixAction = { kind: 'input', patch: { name: 'sum', tests: [] } }
    for (const normalises of [[], ['name']]) {
      const rules = rulesOf([guard(), reader], [fix(patch, { normalises })])
      const decision = decideTransition(task({ input: { name: 1 } }), toReview, rules, now)
      expect(decision).toMatchObject({ kind: 'escalation', reason: FIX_REFUSED, input: { name: 1 } })
      expect(decision.tries).toMatchObject([{ outcome: 'refused' }])
    }
  })

  it('refuses an action of no known kind, whatever it holds', () => {
    // What a fix in plain JavaScript may return.
    const action = { kind: 'evidence', patch: { tests: 'passed' } } as unknown as AutoFixAction
    const decision = decideTransition(task(), toReview, rulesOf([guard()], [fix(action)]), now)
    expect(decision).toMatchObject({ kind: 'escalation', reason: FIX_REFUSED })
    expect(decision.evidence).toEqual({})
  })

  it('never lets what fixes do change the evidence that a guard reads', () => {
    const action = fc.oneof(
      fc.record({
        kind: fc.constant('task' as const),
        step: fc.string({ minLength: 1 }),
        input: fc.object(),
      }),
      fc.record({ kind: fc.constant('approval' as const), question: fc.string() }),
      fc.record({ kind: fc.constant('input' as const), patch: fc.object() }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 5 }), fc.object(), (actions, evidence) => {
        let next = 0
        const planned = fix(undefined, { plan: () => actions[next++] })
        const policy = { maxTriesPerGuard: 5, maxFixesPerTask: 5 }
        const given = task({ evidence: { ...evidence, tests: 'failed', persons: [] } })
        const before = structuredClone(given.evidence)
        const decision = decideTransition(given, toReview, rulesOf([guard()], [planned], policy), now)
        expect(decision.evidence).toEqual(before)
        expect(decision.kind).not.toBe('moved')
      }),
    )
  })

  it('refuses to ask a person where the guard could not see the answer', () => {
    const ask: AutoFixAction = { kind: 'approval', question: 'may it?' }
    const blind = decideTransition(task(), toReview, rulesOf([guard()], [fix(ask)]), now)
    expect(blind).toMatchObject({ kind: 'escalation', reason: FIX_REFUSED })
    const seeing = rulesOf([guard({ reads: ['tests', 'persons'] })], [fix(ask)])
    const decision = decideTransition(task(), toReview, seeing, now)
    expect(decision).toMatchObject({ kind: 'fix' })
    expect(applyDecision(task(), decision).task).toMatchObject({
      status: 'waiting',
      waitingFor: { kind: 'approval', question: 'may it?', level: 'supervisor', askedAtVersion: 4 },
    })
  })

  it('fails a remediation task whose guard refuses, in place of mending the mending', () => {
    const remediation = task({ kind: 'remediation', parentTaskId: 't-0' })
    const decision = decideTransition(remediation, toReview, rulesOf([guard()], [fix(generate)]), now)
    expect(decision).toMatchObject({ kind: 'moved', to: 'failed', reason: 'tests-failed', tries: [] })
  })

  it('judges a task that waits for a fix as from the status in which it goes on', () => {
    const rules = rulesOf([guard()], [fix(generate)])
    const waiting = applyDecision(task(), decideTransition(task(), toReview, rules, now)).task
    const passed = decideTransition(waiting, { ...toReview, evidence: { tests: 'passed' } }, rules, now)
    expect(passed).toMatchObject({ kind: 'moved', from: 'executing', to: 'reviewing' })
    expect(decideTransition(waiting, { to: 'executing' }, rules, now)).toMatchObject({ kind: 'moved' })
    expect(decideTransition(waiting, toReview, rules, now)).toMatchObject({ reason: FIXES_EXHAUSTED })
    expect(() => decideTransition(waiting, { to: 'completed' }, rules, now)).toThrow(
      expect.objectContaining({ code: 'TASK_TRANSITION_INVALID' }),
    )
  })

  it('takes no task on that asks a person, until the person has answered', () => {
    const more = [{ from: 'escalated', to: 'executing', guards: [personSaid('retry')] } as const]
    const rules = rulesOf([guard()], [], {}, more)
    const asking = applyDecision(task(), decideTransition(task(), toReview, rules, now)).task
    expect(asking).toMatchObject({ status: 'escalated', resumeTo: 'executing' })
    const on: TransitionRequest = { to: 'executing' }
    expect(() => decideTransition(asking, on, rules, now)).toThrow(
      expect.objectContaining({ code: 'TASK_STILL_WAITING', retryable: true }),
    )
    const question = asking.waitingFor as WaitingForApproval
    const answered = (one: PersonsWord): Task => ({ ...asking, evidence: { persons: [one] } })
    expect(decideTransition(answered(word(question, 'retry')), on, rules, now)).toMatchObject({
      kind: 'moved',
    })
    const stale = word({ ...question, askedAtVersion: 1 }, 'retry')
    expect(() => decideTransition(answered(stale), on, rules, now)).toThrow(
      expect.objectContaining({ code: 'TASK_STILL_WAITING' }),
    )
    expect(decideTransition(asking, { to: 'cancelled' }, rules, now)).toMatchObject({ to: 'cancelled' })
  })

  it('asks the person anew where a guard refuses what the person took on, and tries no fix', () => {
    const guards = [personSaid('approve'), guard()]
    const more = [{ from: 'escalated', to: 'reviewing', guards } as const]
    const table = new TransitionTable(more)
    const rules = {
      table,
      fixes: new AutoFixRegistry(table, [fix(generate)]),
      policy: { maxTriesPerGuard: 9, maxFixesPerTask: 9 },
    }
    const escalated = applyDecision(
      task(),
      decideTransition(task(), { to: 'escalated', reason: 'odd' }, rules, now),
    ).task
    const question = escalated.waitingFor as WaitingForApproval
    const answered = { ...escalated, evidence: { persons: [word(question, 'approve')] } }
    const again = decideTransition(answered, toReview, rules, now)
    expect(again).toMatchObject({
      kind: 'escalation',
      guard: 'tests-passed',
      resumeTo: 'executing',
      tries: [],
    })
    const swapped = decideTransition(answered, { ...toReview, evidence: { tests: 'passed' } }, rules, now)
    expect(swapped).toMatchObject({ kind: 'escalation', reason: 'evidence-changed' })
  })

  it('lets nobody but a person write the words of persons', () => {
    const request = { ...toReview, evidence: { persons: [] } }
    expect(() => decideTransition(task(), request, rulesOf([]), now)).toThrow(
      expect.objectContaining({ code: 'TASK_EVIDENCE_RESERVED' }),
    )
  })

  it('begins steps anew where that is asked for', () => {
    const request: TransitionRequest = { ...toReview, newAttempts: ['generate', 'test'] }
    const decision = decideTransition(task({ attempts: { test: 2 } }), request, rulesOf([]), now)
    expect(decision.attempts).toEqual({ generate: 2, test: 3 })
  })

  it('refuses a move that the table does not have, naming both states', () => {
    expect(() =>
      decideTransition(task({ status: 'submitted' }), { to: 'completed' }, rulesOf([]), now),
    ).toThrow(
      expect.objectContaining({
        code: 'TASK_TRANSITION_INVALID',
        details: { taskId: 't-1', from: 'submitted', to: 'completed' },
      }),
    )
  })

  it('lets nothing out of a final status', () => {
    const status = fc.constantFrom(...TASK_STATUSES)
    fc.assert(
      fc.property(status, status, (from, to) => {
        fc.pre(isFinalStatus(from))
        expect(() => decideTransition(task({ status: from }), { to }, rulesOf([]), now)).toThrow(
          expect.objectContaining({ code: 'TASK_TRANSITION_INVALID' }),
        )
      }),
    )
  })

  it('ends or escalates every task that has not ended, whatever it waits for', () => {
    const from = fc.constantFrom(...TASK_STATUSES.filter((status) => !isFinalStatus(status)))
    const to = fc.constantFrom('failed' as const, 'cancelled' as const, 'escalated' as const)
    fc.assert(
      fc.property(from, to, (status, asked) => {
        fc.pre(status !== asked)
        expect(
          decideTransition(task({ status }), { to: asked, reason: 'r' }, rulesOf([]), now),
        ).toMatchObject({
          kind: 'moved',
          to: asked,
          reason: 'r',
        })
      }),
    )
  })

  it('waits for children with a status to go on in, which must be one that work is done in', () => {
    const rules = rulesOf([], [], {}, [{ from: 'planning', to: 'waiting' }])
    const planning = task({ status: 'planning' })
    const waiting: TransitionRequest = { to: 'waiting', resumeTo: 'executing' }
    expect(applyDecision(planning, decideTransition(planning, waiting, rules, now)).task).toMatchObject({
      status: 'waiting',
      resumeTo: 'executing',
      waitingFor: { kind: 'children' },
    })
    for (const resumeTo of ['waiting', 'escalated', 'completed'] as const) {
      expect(() => decideTransition(planning, { to: 'waiting', resumeTo }, rules, now)).toThrow(
        expect.objectContaining({ code: 'TASK_TRANSITION_INVALID' }),
      )
    }
  })
})
