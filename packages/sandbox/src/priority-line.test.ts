import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXECUTION_PRIORITIES } from './execution-priority.ts'
import { type LineMember, PriorityLine } from './priority-line.ts'

interface Member extends LineMember {
  readonly id: number
}

const member: fc.Arbitrary<Omit<Member, 'id'>> = fc.record({
  tenantId: fc.constantFrom('a', 'b', 'c'),
  role: fc.constantFrom(undefined, 'tester', 'developer'),
  priority: fc.constantFrom(...EXECUTION_PRIORITIES),
})

function lineOf(members: readonly Omit<Member, 'id'>[]): PriorityLine<Member> {
  const line = new PriorityLine<Member>()
  for (const [id, each] of members.entries()) line.add({ ...each, id })
  return line
}

function takeAll(line: PriorityLine<Member>): Member[] {
  const taken: Member[] = []
  for (let next = line.take(); next !== undefined; next = line.take()) taken.push(next)
  return taken
}

const times = (count: number, of: Omit<Member, 'id'>): Omit<Member, 'id'>[] => Array(count).fill(of)
const normal = (tenantId: string, role?: string): Omit<Member, 'id'> => ({
  tenantId,
  role,
  priority: 'normal',
})

describe('PriorityLine', () => {
  it('gives everybody out once, and among equals who came first', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 60 }), fc.array(fc.nat(59)), (members, gone) => {
        const line = new PriorityLine<Member>()
        const all = members.map((each, id) => ({ ...each, id }))
        for (const each of all) line.add(each)
        const removed = new Set(gone.map((index) => all[index]).filter((each) => each !== undefined))
        for (const each of removed) line.remove(each)
        expect([...line]).toHaveLength(line.length)
        const taken = takeAll(line)
        expect(taken.map(({ id }) => id).sort((x, y) => x - y)).toEqual(
          all.filter((each) => !removed.has(each)).map(({ id }) => id),
        )
        expect(line.length).toBe(0)
        const keyOf = ({ tenantId, role, priority }: Member): string => `${tenantId} ${role} ${priority}`
        for (const key of new Set(taken.map(keyOf))) {
          const ids = taken.filter((each) => keyOf(each) === key).map(({ id }) => id)
          expect(ids).toEqual([...ids].sort((x, y) => x - y))
        }
      }),
    )
  })

  it('has served each tenant that still waits as often as any other, or once less', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 80 }), (members) => {
        const line = lineOf(members.map((each) => ({ ...each, priority: 'normal' as const })))
        const served = new Map([...line].map(({ tenantId }) => [tenantId, 0]))
        while (line.length > 0) {
          const tenantId = line.take()?.tenantId ?? ''
          served.set(tenantId, (served.get(tenantId) ?? 0) + 1)
          const counts = [...new Set([...line].map((each) => each.tenantId))].map(
            (each) => served.get(each) ?? 0,
          )
          expect(Math.max(...counts, 0) - Math.min(...counts, Number.MAX_VALUE)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('serves a tenant with one waiting second after one with a thousand', () => {
    const line = lineOf([...times(1000, normal('flood')), normal('quiet')])
    expect([line.take()?.tenantId, line.take()?.tenantId]).toEqual(['flood', 'quiet'])
  })

  it('serves the roles of a tenant in turn', () => {
    const line = lineOf([...times(3, normal('t', 'tester')), normal('t', 'developer'), normal('t')])
    expect(takeAll(line).map(({ role }) => role)).toEqual([
      'tester',
      'developer',
      undefined,
      'tester',
      'tester',
    ])
  })

  it('serves the urgent first', () => {
    const line = lineOf(
      (['low', 'normal', 'high', 'high'] as const).map((priority) => ({ tenantId: 't', priority })),
    )
    expect(takeAll(line).map(({ priority }) => priority)).toEqual(['high', 'high', 'normal', 'low'])
  })

  it('never passes a priority over more than eight times in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EXECUTION_PRIORITIES), { maxLength: 200 }), (arrivals) => {
        const line = lineOf(times(3, { tenantId: 't', priority: 'low' }))
        const passed = new Map(EXECUTION_PRIORITIES.map((priority) => [priority, 0]))
        for (const [id, priority] of arrivals.entries()) {
          line.add({ tenantId: 't', priority, id })
          const served = line.take()?.priority
          for (const each of EXECUTION_PRIORITIES) {
            const isPassed = each !== served && [...line].some((waiting) => waiting.priority === each)
            passed.set(each, isPassed ? (passed.get(each) ?? 0) + 1 : 0)
          }
          expect(Math.max(...passed.values())).toBeLessThanOrEqual(8)
        }
      }),
    )
    const line = lineOf([{ tenantId: 't', priority: 'low' }])
    const served: (string | undefined)[] = []
    for (let id = 1; id <= 8; id++) {
      line.add({ tenantId: 't', priority: 'high', id })
      served.push(line.take()?.priority)
    }
    expect(served).toEqual([...Array(7).fill('high'), 'low'])
  })

  it('names whom to send away for a tenant with less: the newest of the least urgent of the longest', () => {
    const line = lineOf([
      { tenantId: 'a', priority: 'high' },
      { tenantId: 'a', priority: 'low' },
      { tenantId: 'a', priority: 'low' },
      { tenantId: 'b', priority: 'normal' },
    ])
    expect(line.crowdingOut('b')).toMatchObject({ id: 2 })
    expect(line.crowdingOut('c')).toMatchObject({ id: 2 })
    expect(line.crowdingOut('a')).toBeUndefined()
    line.add({ tenantId: 'b', priority: 'normal', id: 4 })
    expect(line.crowdingOut('b')).toBeUndefined()
  })

  it('shares a full line out so that in the end no tenant lacks room that another has twice over', () => {
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 100 }),
        fc.integer({ min: 1, max: 12 }),
        (arrivals, maxLength) => {
          const line = new PriorityLine<Member>()
          for (const [id, each] of arrivals.entries()) {
            const counts = new Map<string, number>()
            for (const { tenantId } of line) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1)
            if (line.length >= maxLength) {
              const victim = line.crowdingOut(each.tenantId)
              const own = counts.get(each.tenantId) ?? 0
              expect(victim === undefined).toBe(Math.max(...counts.values()) < own + 2)
              if (victim === undefined) continue
              expect(counts.get(victim.tenantId)).toBe(Math.max(...counts.values()))
              line.remove(victim)
            }
            line.add({ ...each, id })
            expect(line.length).toBeLessThanOrEqual(maxLength)
          }
        },
      ),
    )
  })
})
