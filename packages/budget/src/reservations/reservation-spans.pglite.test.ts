import { RecordingTracer } from '@golden-arch/core/observability/testing'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'

const scope = { tenantId: 'acme', projectId: 'traced' }
let opened: TestDatabase
let tracer: RecordingTracer
let budgets: BudgetController
beforeAll(async () => {
  opened = await openPglite()
}, 60_000)
afterAll(() => opened.close())
beforeEach(async () => {
  tracer = new RecordingTracer()
  budgets = new BudgetController({ database: opened.database, tracer })
  await budgets.setLimit({ scope, limitTokens: 100, actor: { id: 'test', kind: 'human' } })
})

test('each act on a reservation is a span below the active one, with its key and its outcome', async () => {
  const key = (requestId: string) => ({ tenantId: scope.tenantId, requestId })
  await tracer.trace('chat', {}, async () => {
    await budgets.requestTokens({ ...scope, requestId: 'a', tokens: 60 })
    await budgets.requestTokens({ ...scope, requestId: 'b', tokens: 60 })
    await budgets.extend({ ...key('a'), ttlMs: 60_000 })
    await budgets.release(key('a'))
  })
  const [chat, ...acts] = tracer.spans()
  expect(acts.map(({ name, attributes, parentSpanId }) => [name, attributes, parentSpanId])).toEqual(
    [
      ['budget request', 'a', 'granted'],
      ['budget request', 'b', 'denied'],
      ['budget extend', 'a', 'extended'],
      ['budget release', 'a', 'released'],
    ].map(([name, requestId, outcome]) => [
      name,
      {
        'golden_arch.tenant_id': 'acme',
        'golden_arch.budget.request_id': requestId,
        'golden_arch.budget.outcome': outcome,
      },
      chat?.spanId,
    ]),
  )
})

test('what a lease does is traced too, and a refused act is a failed span', async () => {
  await budgets.withBudget({ ...scope, requestId: 'c', tokens: 10 }, async (lease) =>
    lease.reportUsage({ inputTokens: 3, outputTokens: 4 }),
  )
  await expect(budgets.commit({ tenantId: 'acme', requestId: 'nobody', usage: 'unknown' })).rejects.toThrow()
  // A key that is none is refused as it is without a tracer.
  await expect(budgets.release(undefined as never)).rejects.toEqual(invalidOption('key'))
  expect(
    tracer.spans().map(({ name, status, attributes }) => [name, status, attributes['error.type']]),
  ).toEqual([
    ['budget request', 'unset', undefined],
    ['budget commit', 'unset', undefined],
    ['budget commit', 'error', 'RESERVATION_NOT_FOUND'],
    ['budget release', 'error', 'INVALID_OPTION'],
  ])
  expect(tracer.spans('budget commit')[0]?.attributes).toMatchObject({
    'golden_arch.budget.outcome': 'committed',
  })
})
