import { expect, test } from 'vitest'
import type { CircuitRecord } from './circuit-record.ts'
import { PatternOrders } from './pattern-orders.ts'

const record = (given: Partial<CircuitRecord>): CircuitRecord => ({
  ...{
    epoch: 1,
    status: 'forced-open',
    reopenAtMs: 0,
    recoveryTimeoutMs: 0,
    cause: 'forced',
    reason: 'test',
  },
  ...{ failureCount: 0, isOwn: false, revision: 0, writtenEpoch: 0 },
  ...given,
})

test('the newest of the orders that fit a name holds it, in whatever order they were heard', () => {
  const orders = new PatternOrders()
  orders.note('a/*', record({ epoch: 9, reason: 'newer' }))
  orders.note('*', record({ epoch: 5, reason: 'older' }))
  expect([orders.find('a/1', undefined)?.reason, orders.find('b', undefined)?.reason]).toEqual([
    'newer',
    'older',
  ])
  orders.note('*', record({ epoch: 10, status: 'closed', cause: 'reset' }))
  expect(orders.find('a/1', undefined)?.status).toBe('closed')
  expect(orders.held).toEqual(['a/*'])
})

test('an order that the others do not know of yet is newer than what they do', () => {
  const orders = new PatternOrders()
  orders.note('a/*', record({ epoch: 0, isOwn: true, reason: 'own' }))
  orders.note('*', record({ epoch: 5, reason: 'theirs' }))
  expect(orders.find('a/1', record({ epoch: 7 }))?.reason).toBe('own')
})

test('what was decided on a name since stands above the orders it fits', () => {
  const orders = new PatternOrders()
  orders.note('a/*', record({ epoch: 5 }))
  expect(orders.find('a/1', record({ epoch: 4, status: 'closed' }))?.epoch).toBe(5)
  expect(orders.find('a/1', record({ epoch: 6, status: 'closed' }))).toBeUndefined()
})

test('a name with a star that calls opened orders nothing', () => {
  const orders = new PatternOrders()
  orders.note('tenant/*', record({ status: 'open', cause: 'tripped' }))
  expect([orders.held, orders.find('tenant/1', undefined)]).toEqual([[], undefined])
})

test('a bounded number of orders is remembered, those heard last, and none that is forgotten', () => {
  const orders = new PatternOrders()
  for (let order = 0; order <= 1000; order++) orders.note(`p${order}/*`, record({ epoch: order + 1 }))
  orders.forget('p1/*')
  const found = [0, 1, 2, 1000].map((order) => orders.find(`p${order}/x`, undefined)?.epoch)
  expect(found).toEqual([undefined, undefined, 3, 1001])
})
