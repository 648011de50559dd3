import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideSettlement, type Settlement } from './decide-settlement.ts'
import type { RaisedEscalation } from './raised-escalation.ts'
import { SAMPLE_FACTS } from './testing/sample-escalation.ts'

const at = new Date('2026-03-01T12:00:00Z')
const open: RaisedEscalation = { ...SAMPLE_FACTS, status: 'open' }

const person = fc.constantFrom('ada', 'bob')
const settlements: fc.Arbitrary<Settlement> = fc.oneof(
  fc.record({ kind: fc.constant('acknowledge' as const), by: person }),
  fc.record({
    kind: fc.constant('assign' as const),
    by: person,
    assignee: fc.constantFrom('ada', 'cy', null),
  }),
  fc.record({
    kind: fc.constant('resolve' as const),
    by: person,
    resolution: fc.constantFrom('a', 'b'),
    decision: fc.constantFrom('approve', 'retry', null),
  }),
  fc.record({ kind: fc.constant('withdraw' as const), by: person, because: fc.constantFrom('a', 'b') }),
)

/** How it stands for good after the words that resolve it. */
function lastWords(
  asked: Extract<Settlement, { readonly kind: 'resolve' | 'withdraw' }>,
): Pick<Extract<RaisedEscalation, { readonly status: 'resolved' }>, 'resolution' | 'decision'> {
  const { kind } = asked
  if (kind === 'withdraw') return { resolution: asked.because, decision: null }
  return { resolution: asked.resolution, decision: asked.decision }
}

function apply(before: RaisedEscalation, asked: Settlement): RaisedEscalation {
  if (decideSettlement(before, asked).kind !== 'apply') return before
  const who = { by: asked.by, at }
  if (asked.kind === 'assign') {
    const { assignee } = asked
    return { ...before, assigned: assignee === null ? null : { ...who, assignee } }
  }
  const { status: _status, ...facts } = before
  if (asked.kind === 'acknowledge') return { ...facts, status: 'acknowledged', acknowledged: who }
  const acknowledged = before.status === 'acknowledged' ? before.acknowledged : null
  return {
    ...facts,
    status: 'resolved',
    acknowledged,
    resolved: who,
    ...lastWords(asked),
  }
}

describe('a settlement', () => {
  it('asked for again right after it was done changes nothing', () => {
    fc.assert(
      fc.property(fc.array(settlements), settlements, (asked, last) => {
        const before = asked.reduce(apply, open)
        if (decideSettlement(before, last).kind !== 'apply') return
        expect(decideSettlement(apply(before, last), last)).toEqual({ kind: 'unchanged' })
      }),
    )
  })

  it('is applied by the first who acknowledges, the last who assigns and the first who resolves or withdraws', () => {
    fc.assert(
      fc.property(fc.array(settlements, { maxLength: 8 }), (asked) => {
        const after = asked.reduce(apply, open)
        const end = asked.findIndex((one) => one.kind === 'resolve' || one.kind === 'withdraw')
        const resolve = asked[end]
        const earlier = asked.slice(0, end === -1 ? asked.length : end)
        const taken = earlier.find((one) => one.kind === 'acknowledge')
        const named = earlier.findLast((one) => one.kind === 'assign')
        if (resolve?.kind === 'resolve' || resolve?.kind === 'withdraw') {
          expect(after).toMatchObject({ status: 'resolved', resolved: { by: resolve.by } })
          expect(after).toMatchObject(lastWords(resolve))
          expect(after).toMatchObject({ acknowledged: taken === undefined ? null : { by: taken.by } })
        } else {
          expect(after.status).toBe(taken === undefined ? 'open' : 'acknowledged')
          if (taken !== undefined) expect(after).toMatchObject({ acknowledged: { by: taken.by } })
        }
        expect(after.assigned?.assignee ?? null).toBe(named?.kind === 'assign' ? named.assignee : null)
      }),
    )
  })

  it('that comes too late is told whose stands', () => {
    const taken = apply(open, { kind: 'acknowledge', by: 'ada' })
    expect(decideSettlement(taken, { kind: 'acknowledge', by: 'bob' })).toEqual({
      kind: 'already-acknowledged',
      by: 'ada',
    })
    const settled = apply(taken, { kind: 'resolve', by: 'bob', resolution: 'a', decision: 'retry' })
    for (const late of [
      { kind: 'acknowledge', by: 'ada' },
      { kind: 'assign', by: 'bob', assignee: 'cy' },
      { kind: 'resolve', by: 'bob', resolution: 'b', decision: 'retry' },
      { kind: 'resolve', by: 'bob', resolution: 'a', decision: 'approve' },
      { kind: 'resolve', by: 'ada', resolution: 'a', decision: 'retry' },
    ] as const) {
      expect(decideSettlement(settled, late)).toEqual({ kind: 'already-resolved', by: 'bob' })
    }
  })
})
