import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AppliedUpdate } from './pattern-update.ts'
import { planUndo, undoneByOthers } from './plan-undo.ts'

const update = (baseVersion: number, version: number): AppliedUpdate => ({
  tenantId: 'acme',
  updateId: `u-${version}`,
  agentRole: 'developer',
  baseVersion,
  reason: 'learnt',
  status: 'applied',
  version,
  appliedAt: new Date(version),
})

describe('planUndo', () => {
  it('goes back to the version before, with all that was learnt on top', () => {
    const [two, three, four] = [update(1, 2), update(2, 3), update(3, 4)]
    expect(planUndo(2, two, [two])).toEqual({ kind: 'roll-back', toVersion: 1, updateIds: ['u-2'] })
    expect(planUndo(4, two, [four, three, two])).toEqual({
      kind: 'roll-back',
      toVersion: 1,
      updateIds: ['u-4', 'u-3', 'u-2'],
    })
  })

  it('leaves it to a person where anything else stands on top, below or instead', () => {
    const [two, four] = [update(1, 2), update(3, 4)]
    expect(planUndo(4, two, [two, four])).toEqual({ kind: 'needs-person' })
    expect(planUndo(3, two, [two])).toEqual({ kind: 'needs-person' })
    expect(planUndo(1, two, [two])).toEqual({ kind: 'needs-person' })
  })

  it('ends, and passes only learnt versions, on any updates', () => {
    const updates = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(updates, fc.integer({ min: 1, max: 6 }), (pairs, inForce) => {
        const applied = pairs.map(([base, version], index) => ({
          ...update(base, version),
          updateId: `${index}`,
        }))
        const harmful = applied[0] ?? update(1, 2)
        const plan = planUndo(inForce, harmful, applied)
        if (plan.kind === 'needs-person') return
        expect(plan.toVersion).toBe(harmful.baseVersion)
        expect(new Set(plan.updateIds).size).toBe(plan.updateIds.length)
        let at = inForce
        for (const id of plan.updateIds) {
          const one = applied.find(({ updateId }) => updateId === id)
          expect(one?.version).toBe(at)
          at = one?.baseVersion ?? 0
        }
      }),
    )
  })
})

describe('undoneByOthers', () => {
  it('are the updates whose base is in force again, and those built on them', () => {
    const [two, three] = [update(1, 2), update(2, 3)]
    expect(undoneByOthers(3, [two, three])).toEqual([])
    expect(undoneByOthers(2, [two, three])).toEqual([three])
    expect(undoneByOthers(1, [three, two])).toEqual([two, three])
    expect(undoneByOthers(7, [two, three])).toEqual([])
  })
})
