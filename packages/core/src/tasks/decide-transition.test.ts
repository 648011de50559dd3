import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGoldenError } from '../errors/index.ts'
import { ATTEMPTS_EXHAUSTED, decideTransition } from './decide-transition.ts'
import { GUARD_PASSED, type Guard, type GuardVerdict } from './guard.ts'
import type { Task } from './task.ts'
import { isFinalStatus, TASK_STATUSES } from './task-status.ts'
import { TransitionTable } from './transition-table.ts'

const now = new Date('2026-03-01T12:00:00Z')

function task(change: Partial<Task> = {}): Task {
  return {
    tenantId: 'acme',
    taskId: 't-1',
    projectId: 'p-1',
    parentTaskId: null,
    kind: 'root',
    title: 'a task',
    status: 'testing',
    statusReason: null,
    version: 3,
    attempts: {},
    input: {},
    evidence: {},
    createdBy: 'ada',
    createdAt: now,
    updatedAt: now,
    ...change,
  }
}

function guard(name: string, verdict: GuardVerdict): Guard {
  return { name, check: () => verdict }
}

function tableOf(...guards: readonly Guard[]): TransitionTable {
  return new TransitionTable([{ from: 'testing', to: 'reviewing', guards }])
}

const refusal = (remedy?: string): GuardVerdict => ({
  passed: false,
  reason: 'tests-failed',
  feedback: 'two tests failed',
  ...(remedy === undefined ? {} : { remedy }),
})

describe('decideTransition', () => {
  it('moves a task when every guard passes and keeps the evidence given', () => {
    const table = tableOf(guard('a', GUARD_PASSED), guard('b', GUARD_PASSED))
    const given = task({ evidence: { kept: 1, replaced: 1 } })
    const decision = decideTransition(
      given,
      { to: 'reviewing', evidence: { replaced: 2 } },
      table,
      { maxAttempts: 3 },
      now,
    )
    expect(decision).toEqual({
      kind: 'moved',
      to: 'reviewing',
      reason: null,
      evidence: { kept: 1, replaced: 2 },
    })
  })

  it('lets the guards see the evidence that comes with the request', () => {
    const seen: unknown[] = []
    const table = new TransitionTable([
      {
        from: 'testing',
        to: 'reviewing',
        guards: [
          {
            name: 'spy',
            check: (one) => {
              seen.push(one.evidence)
              return GUARD_PASSED
            },
          },
        ],
      },
    ])
    decideTransition(
      task({ evidence: { a: 1 } }),
      { to: 'reviewing', evidence: { b: 2 } },
      table,
      { maxAttempts: 1 },
      now,
    )
    expect(seen).toEqual([{ a: 1, b: 2 }])
  })

  it('stops at the first guard that fails', () => {
    const table = tableOf(guard('first', refusal('generate')), {
      name: 'second',
      check: () => {
        throw new Error('must not be asked')
      },
    })
    expect(decideTransition(task(), { to: 'reviewing' }, table, { maxAttempts: 3 }, now)).toMatchObject({
      kind: 'remediation',
      guard: 'first',
    })
  })

  it('escalates at once where no new attempt can help', () => {
    const decision = decideTransition(
      task(),
      { to: 'reviewing' },
      tableOf(guard('g', refusal())),
      { maxAttempts: 9 },
      now,
    )
    expect(decision).toMatchObject({ kind: 'escalation', guard: 'g', reason: 'tests-failed' })
  })

  it('fails a remediation task whose guard fails, in place of remedying the remedy', () => {
    const decision = decideTransition(
      task({ kind: 'remediation', parentTaskId: 't-0' }),
      { to: 'reviewing' },
      tableOf(guard('g', refusal('generate'))),
      { maxAttempts: 9 },
      now,
    )
    expect(decision).toMatchObject({ kind: 'moved', to: 'failed', reason: 'tests-failed' })
  })

  it('refuses a move that the table does not have, naming both states', () => {
    try {
      decideTransition(task({ status: 'pending' }), { to: 'completed' }, tableOf(), { maxAttempts: 3 }, now)
      expect.unreachable()
    } catch (error) {
      expect(isGoldenError(error, 'TASK_TRANSITION_INVALID')).toBe(true)
      expect(error).toMatchObject({ details: { from: 'pending', to: 'completed' } })
    }
  })

  it('gives exactly maxAttempts attempts of a step, whatever the number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (maxAttempts) => {
        const table = tableOf(guard('g', refusal('generate')))
        let current = task()
        for (let attempt = 2; attempt <= maxAttempts; attempt++) {
          const decision = decideTransition(current, { to: 'reviewing' }, table, { maxAttempts }, now)
          expect(decision).toMatchObject({ kind: 'remediation', step: 'generate', attempt })
          current = { ...current, attempts: { ...current.attempts, generate: attempt } }
        }
        expect(decideTransition(current, { to: 'reviewing' }, table, { maxAttempts }, now)).toMatchObject({
          kind: 'escalation',
          reason: ATTEMPTS_EXHAUSTED,
        })
      }),
    )
  })

  it('counts the attempts of each step apart', () => {
    const table = tableOf(guard('g', refusal('plan')))
    const decision = decideTransition(
      task({ attempts: { generate: 3 } }),
      { to: 'reviewing' },
      table,
      { maxAttempts: 3 },
      now,
    )
    expect(decision).toMatchObject({ kind: 'remediation', step: 'plan', attempt: 2 })
  })

  it('lets nothing out of a final status', () => {
    const status = fc.constantFrom(...TASK_STATUSES)
    fc.assert(
      fc.property(status, status, (from, to) => {
        fc.pre(isFinalStatus(from))
        expect(() =>
          decideTransition(task({ status: from }), { to }, tableOf(), { maxAttempts: 3 }, now),
        ).toThrow(expect.objectContaining({ code: 'TASK_TRANSITION_INVALID' }))
      }),
    )
  })
})

describe('TransitionTable', () => {
  it('refuses a rule out of a final status', () => {
    expect(() => new TransitionTable([{ from: 'completed', to: 'pending' }])).toThrow(
      expect.objectContaining({ code: 'TASK_TABLE_INVALID' }),
    )
  })

  it('refuses two rules for one move of one kind, and allows them for different kinds', () => {
    expect(
      () =>
        new TransitionTable([
          { from: 'pending', to: 'generating' },
          { from: 'pending', to: 'generating', kinds: ['child'] },
        ]),
    ).toThrow(expect.objectContaining({ code: 'TASK_TABLE_INVALID' }))
    const table = new TransitionTable([
      { from: 'pending', to: 'generating', kinds: ['root'] },
      { from: 'pending', to: 'generating', kinds: ['child'], guards: [guard('g', GUARD_PASSED)] },
    ])
    expect(table.guardsOf('child', 'pending', 'generating')).toHaveLength(1)
    expect(table.guardsOf('remediation', 'pending', 'generating')).toBeUndefined()
  })

  it('lets every open task be cancelled, failed or escalated', () => {
    const table = new TransitionTable([])
    for (const from of TASK_STATUSES) {
      expect(table.guardsOf('root', from, 'cancelled')).toEqual(isFinalStatus(from) ? undefined : [])
    }
  })
})
