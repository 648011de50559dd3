import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideSettlement, type GivenAnswer, MAX_PERSONS_WORDS } from './decide-settlement.ts'
import { PERSON_DECISIONS, type PersonsWord } from './persons-word.ts'
import type { Task } from './task.ts'
import { isFinalStatus } from './task-status.ts'
import { askingTask } from './testing/asking-task.ts'

const now = new Date('2026-03-01T12:00:00Z')
const answer: GivenAnswer = { by: 'ada', decision: 'approve', note: null, askedAtVersion: 4 }

describe('decideSettlement', () => {
  it('writes down who said what, when, of which evidence, and about which question', () => {
    const settlement = decideSettlement(askingTask(), { ...answer, note: 'fine' }, now)
    expect(settlement).toMatchObject({
      kind: 'settled',
      word: {
        by: 'ada',
        decision: 'approve',
        note: 'fine',
        at: '2026-03-01T12:00:00.000Z',
        askedAtVersion: 4,
        guard: 'no-veto',
        reason: 'vetoed',
        evidenceHash: 'hash',
      },
      task: { version: 5, status: 'waiting', fixes: { 'a>b/c': 1 } },
    })
  })

  it('allows the fixes anew on retry alone', () => {
    const settlement = decideSettlement(askingTask(), { ...answer, decision: 'retry' }, now)
    if (settlement.kind !== 'settled') throw new Error('not settled')
    expect(settlement.task.fixes).toEqual({})
    expect(settlement.task.status).toBe('waiting')
  })

  it('keeps every word before, and all other evidence', () => {
    const before: PersonsWord[] = [
      { ...answer, at: '', askedAtVersion: 2, guard: null, reason: 'r', evidenceHash: 'h' },
    ]
    const task = askingTask({ evidence: { found: 1, persons: before } })
    const settlement = decideSettlement(task, answer, now)
    if (settlement.kind !== 'settled') throw new Error('not settled')
    expect(settlement.task.evidence).toEqual({ found: 1, persons: [...before, settlement.word] })
  })

  it('takes one answer to a question: the same again changes nothing, any other is refused', () => {
    const decision = fc.constantFrom(...PERSON_DECISIONS)
    const given = fc.record({ by: fc.constantFrom('ada', 'bob'), decision, note: fc.constantFrom(null, 'n') })
    fc.assert(
      fc.property(given, given, (first, second) => {
        const settled = decideSettlement(askingTask(), { ...answer, ...first }, now)
        if (settled.kind !== 'settled') throw new Error('not settled')
        const again = (): unknown => decideSettlement(settled.task, { ...answer, ...second }, now)
        const isSame = JSON.stringify(first) === JSON.stringify(second)
        if (isSame) expect(again()).toEqual({ kind: 'unchanged' })
        else expect(again).toThrow(expect.objectContaining({ code: 'TASK_ALREADY_SETTLED' }))
        const ends = first.decision === 'reject' || first.decision === 'cancel'
        expect(isFinalStatus(settled.task.status)).toBe(ends)
        expect(settled.task.waitingFor === null).toBe(ends)
      }),
    )
  })

  it('takes no answer to another question, and none from a task that asks nothing', () => {
    const notAsking = expect.objectContaining({ code: 'TASK_NOT_ASKING' })
    expect(() => decideSettlement(askingTask(), { ...answer, askedAtVersion: 3 }, now)).toThrow(notAsking)
    const silent: Task = askingTask({ status: 'executing', waitingFor: null, resumeTo: null })
    expect(() => decideSettlement(silent, answer, now)).toThrow(notAsking)
  })

  it('after a hundred answers takes none but an end', () => {
    const word = { ...answer, at: '', guard: null, reason: 'r', evidenceHash: 'h' }
    const persons = Array.from({ length: MAX_PERSONS_WORDS }, (_, index) => ({
      ...word,
      askedAtVersion: -index,
    }))
    const task = askingTask({ evidence: { persons } })
    for (const decision of ['approve', 'retry'] as const) {
      expect(() => decideSettlement(task, { ...answer, decision }, now)).toThrow(
        expect.objectContaining({ code: 'TASK_NOT_ASKING' }),
      )
    }
    const ended = decideSettlement(task, { ...answer, decision: 'reject' }, now)
    expect(ended).toMatchObject({ task: { status: 'failed', statusReason: 'failed-by-person' } })
  })
})
