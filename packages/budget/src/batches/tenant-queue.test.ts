import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BudgetFlight } from './budget-flight.ts'
import { TenantQueue } from './tenant-queue.ts'

function flight(tenantId: string, requestId: string): BudgetFlight {
  return {
    key: `${tenantId}\n${requestId}`,
    tenantId,
    requestId,
    step: { kind: 'release' },
    startedAtMs: 0,
    waiters: [],
    state: 'queued',
    onEnd: () => {},
  }
}
const ids = (flights: readonly BudgetFlight[]) => flights.map(({ requestId }) => requestId)

describe('TenantQueue', () => {
  test('a tenant with a long line leaves room for the others in every batch', () => {
    const queue = new TenantQueue()
    for (let index = 0; index < 6; index++) queue.add(flight('busy', `b${index}`))
    for (const id of ['q0', 'q1']) queue.add(flight('quiet', id))
    expect(ids(queue.take(4))).toEqual(['b0', 'q0', 'b1', 'q1'])
    expect(ids(queue.take(4))).toEqual(['b2', 'b3', 'b4', 'b5'])
    expect(queue.isEmpty).toBe(true)
  })

  test('who was served first in one batch is served last in the next', () => {
    const queue = new TenantQueue()
    for (const tenant of ['x', 'y', 'z']) for (const n of [0, 1]) queue.add(flight(tenant, `${tenant}${n}`))
    expect(ids(queue.take(2))).toEqual(['x0', 'y0'])
    expect(ids(queue.take(2))).toEqual(['z0', 'x1'])
  })

  test('flights that ended while they waited are dropped', () => {
    const queue = new TenantQueue()
    const gone = flight('x', 'gone')
    queue.add(gone)
    queue.add(flight('x', 'here'))
    gone.state = 'ended'
    expect(ids(queue.take(1))).toEqual(['here'])
    expect(queue.isEmpty).toBe(true)
  })

  test('callers that come and go while nothing is taken do not pile up, and those who stay keep their order', () => {
    const queue = new TenantQueue()
    const staying = []
    for (let index = 0; index < 50_000; index++) {
      const one = flight('x', `r${index}`)
      queue.add(one)
      if (index % 100 === 0) staying.push(one.requestId)
      else one.state = 'ended'
    }
    expect(queue.length).toBeLessThan(2048)
    expect(ids(queue.take(1000))).toEqual(staying)
    expect([queue.length, queue.isEmpty]).toEqual([0, true])
  })

  test('nothing is lost or doubled, and the order within a tenant is kept, however batches are cut', () => {
    const step = fc.oneof(
      fc.record({ tenant: fc.constantFrom('x', 'y', 'z') }),
      fc.record({ take: fc.integer({ min: 1, max: 5 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new TenantQueue()
        const taken: BudgetFlight[] = []
        let added = 0
        for (const one of steps) {
          if ('take' in one) taken.push(...queue.take(one.take))
          else queue.add(flight(one.tenant, String(added++)))
        }
        while (!queue.isEmpty) taken.push(...queue.take(3))
        expect(taken).toHaveLength(added)
        expect(queue.length).toBe(0)
        for (const tenant of ['x', 'y', 'z']) {
          const own = taken
            .filter(({ tenantId }) => tenantId === tenant)
            .map(({ requestId }) => Number(requestId))
          expect(own).toEqual(own.toSorted((left, right) => left - right))
        }
      }),
    )
  })
})
