import { SqlEventOutbox } from '@golden-arch/core/events'
import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetControllerOptions } from '../../budget-controller-options.ts'
import type { BudgetEventType } from '../../events/budget-event.ts'
import { money } from '../../pricing/money.ts'
import { timeOf } from '../time-of.ts'

const EVENTS: readonly BudgetEventType[] = [
  'budget.reserved',
  'budget.committed',
  'budget.released',
  'budget.expired',
  'budget.late',
  'budget.softLimitReached',
  'budget.exhausted',
]

/** What can be seen of a {@link BudgetController} from outside: metrics, events, their number. */
export function budgetWatchContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let metrics: RecordingMetrics
  let tenantId: string
  let budgets: BudgetController
  const scope = () => ({ tenantId, projectId: 'p' })
  const controller = (options: Partial<BudgetControllerOptions> = {}) =>
    new BudgetController({ database: database(), ...timeOf(clock), ...options })
  const ask = (requestId: string, tokens = 40, changes: object = {}) =>
    budgets.requestTokens({ requestId, ...scope(), tokens, ...changes })
  const commit = (requestId: string, totalTokens: number) =>
    budgets.commit({ tenantId, requestId, usage: { totalTokens } })
  const stored = async () => {
    const { rows } = await database().query<{ type: string; percent: number | null }>(
      `SELECT event_type AS type, (envelope -> 'data' ->> 'percent')::integer AS percent FROM outbox
        WHERE tenant_id = $1 ORDER BY position`,
      [tenantId],
    )
    return rows.map(({ type, percent }) => (percent === null ? type : `${type} ${percent}`))
  }

  beforeEach(() => {
    clock = new FakeClock()
    metrics = new RecordingMetrics()
    tenantId = randomName('tenant')
    budgets = controller({ metrics })
  })

  describe('metrics', () => {
    const value = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      metrics.counterValue(name, labels)
    const cents = (micros: bigint) => ({ cost: money('USD', micros) })

    test('count requests by outcome, what was reserved, used and denied, and replays', async () => {
      await budgets.setLimit({
        scope: scope(),
        limitTokens: 100,
        limitMoney: money('USD', 900n),
        actor: { id: 'a', kind: 'human' },
      })
      await ask('r1', 40, cents(300n))
      await ask('r1', 40, cents(300n))
      await ask('r2', 30, cents(200n))
      await ask('r3', 50, cents(100n))
      await ask('r4').catch(() => undefined)
      const usage = { totalTokens: 25, cost: money('USD', 250n) }
      await budgets.commit({ tenantId, requestId: 'r1', usage })
      await budgets.commit({ tenantId, requestId: 'r1', usage })
      await budgets.release({ tenantId, requestId: 'r2' })
      const outcomes = ['granted', 'replayed', 'denied', 'refused'].map((outcome) =>
        value('budget_requests_total', { outcome }),
      )
      expect(outcomes).toEqual([2, 1, 1, 1])
      const kinds = ['reserved', 'used', 'denied']
      expect(kinds.map((kind) => value('budget_tokens_total', { kind }))).toEqual([70, 25, 50])
      const dollars = (kind: string) => value('budget_money_micros_total', { kind, currency: 'USD' })
      expect(kinds.map(dollars)).toEqual([500, 250, 100])
      expect(value('idempotency_cache_hits_total')).toBe(1)
      expect(value('budget_errors_total')).toBe(0)
    })

    test('count expiries and overdrafts once each, late ones too', async () => {
      await budgets.setLimit({ scope: scope(), limitTokens: 200, actor: { id: 'a', kind: 'human' } })
      for (const id of ['swept', 'late', 'over']) await ask(id, 40, { ttlMs: id === 'over' ? 60_000 : 10 })
      await clock.advance(10)
      await commit('late', 50)
      await budgets.sweepExpired({ tenantId })
      await commit('over', 41)
      await commit('over', 41)
      await commit('swept', 40)
      expect(value('budget_expiries_total')).toBe(2)
      expect(value('budget_overdrafts_total')).toBe(2)
      expect(value('budget_tokens_total', { kind: 'used' })).toBe(131)
    })

    test('tell how long batches and the queue are, and what failed by its code', async () => {
      await budgets.setLimit({ scope: scope(), limitTokens: 1000, actor: { id: 'a', kind: 'human' } })
      await Promise.all(Array.from({ length: 20 }, (_, id) => ask(`r${id}`, 1)))
      expect(metrics.values('budget_batch_length')).toEqual([20])
      expect(metrics.gaugeValue('budget_queue_length')).toBe(20)
      await budgets.setLimit({ scope: scope(), limitTokens: null, actor: { id: 'a', kind: 'human' } })
      await ask('most', Number.MAX_SAFE_INTEGER).catch(() => undefined)
      const failed = { operation: 'request', code: 'TOKENS_OUT_OF_RANGE' }
      expect(value('budget_errors_total', failed)).toBe(1)
      await ask('r1', 1)
      expect(metrics.gaugeValue('budget_queue_length')).toBe(1)
    })
  })

  test('each event is told once to those who hear it, and no more after they stop', async () => {
    const heard: string[] = []
    const stops = EVENTS.map((type) => budgets.on(type, () => heard.push(type)))
    await budgets.setLimit({
      scope: scope(),
      limitTokens: 100,
      softLimitPercents: [30],
      actor: { id: 'a', kind: 'human' },
    })
    await ask('r1', 40, { ttlMs: 10 })
    await ask('r2', 40)
    await budgets.release({ tenantId, requestId: 'r2' })
    await ask('r3', 20)
    await ask('r4', 90)
    await clock.advance(10)
    await budgets.sweepExpired({ tenantId })
    await commit('r1', 10)
    await commit('r3', 20)
    for (const requestId of ['r1', 'r2']) await ask(requestId, 40, requestId === 'r1' ? { ttlMs: 10 } : {})
    await commit('r3', 20)
    const once = [
      ...['budget.reserved', 'budget.reserved', 'budget.released', 'budget.reserved', 'budget.exhausted'],
      ...['budget.expired', 'budget.late', 'budget.committed', 'budget.softLimitReached'],
    ]
    expect(heard).toEqual(once)
    for (const stop of stops) stop()
    await ask('r9', 1)
    expect(heard).toEqual(once)
  })

  test('each soft limit is told exactly once a period, however many processes pass it at once', async () => {
    const heard: number[] = []
    const processes = Array.from({ length: 4 }, () => {
      const one = controller({ outbox: new SqlEventOutbox() })
      one.on('budget.softLimitReached', ({ percent }) => heard.push(percent))
      return one
    })
    const period = { kind: 'day', timeZone: 'UTC' } as const
    const softLimitPercents = [10, 25, 50, 75, 90, 100]
    await budgets.setLimit({
      scope: scope(),
      limitTokens: 120,
      softLimitPercents,
      period,
      actor: { id: 'a', kind: 'human' },
    })
    for (const day of ['first', 'second']) {
      const lives = Array.from({ length: 120 }, async (_, number) => {
        const one = processes[number % processes.length] ?? budgets
        const requestId = `${day}-${number}`
        await one.requestTokens({ requestId, ...scope(), tokens: 1 })
        await one.commit({ tenantId, requestId, usage: { totalTokens: 1 } })
      })
      await Promise.all(lives)
      await clock.advance(86_400_000)
    }
    const both = [...softLimitPercents, ...softLimitPercents]
    expect(heard.toSorted((left, right) => left - right)).toEqual(
      both.toSorted((left, right) => left - right),
    )
    const told = both.map((percent) => `budget.softLimitReached ${percent}`)
    expect((await stored()).toSorted()).toEqual(told.toSorted())
  })
}
