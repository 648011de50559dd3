import { SqlEventOutbox } from '@golden-arch/core/events'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { MemoryKeyValueStore, type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetControllerOptions } from '../../budget-controller-options.ts'
import type { SizedRequest } from '../../budget-request.ts'
import type { Usage } from '../../pricing/usage.ts'
import { timeOf } from '../time-of.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** What a {@link BudgetController} keeps to when clocks jump, answers are lost and many do the same at once. */
export function budgetTroubleContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let budgets: BudgetController
  let tenantId: string
  const projectId = 'p'
  const controller = (options: Partial<BudgetControllerOptions> = {}) =>
    new BudgetController({ database: database(), ...timeOf(clock), ...options })
  const ask = (changes: Partial<SizedRequest> = {}): SizedRequest => ({
    ...{ requestId: 'r1', tenantId, projectId, tokens: 40 },
    ...changes,
  })
  const limit = (limitTokens: number | null, changes: object = {}) =>
    budgets.setLimit({
      scope: { tenantId, projectId },
      limitTokens,
      actor: { id: 'alice', kind: 'human' },
      ...changes,
    })
  const commit = (requestId: string, usage: Usage) => budgets.commit({ tenantId, requestId, usage })
  const spend = async (requestId: string, tokens: number) => {
    expect(await budgets.requestTokens(ask({ requestId, tokens }))).toMatchObject({ status: 'granted' })
    await commit(requestId, { totalTokens: tokens })
  }
  const counters = async (scope: object = { projectId }) => {
    const state = await budgets.state({ tenantId, ...scope })
    return [state.usedTokens, state.reservedTokens, state.availableTokens]
  }
  const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])
  const movements = async (kind: string) =>
    (
      await database().query('SELECT 1 FROM budget_transactions WHERE tenant_id = $1 AND kind = $2', [
        tenantId,
        kind,
      ])
    ).rows.length
  const stored = async () => {
    const { rows } = await database().query<{ type: string }>(
      'SELECT event_type AS type FROM outbox WHERE tenant_id = $1 ORDER BY position',
      [tenantId],
    )
    return rows.map(({ type }) => type)
  }

  beforeEach(() => {
    clock = new FakeClock(new Date('2026-03-10T12:00:00.000Z'))
    tenantId = randomName('tenant')
    budgets = controller()
  })

  describe('usage that is known in part', () => {
    test.each<[string, Usage, number]>([
      ['more than the hold is charged as known', { inputTokens: 60 }, 60],
      ['less than the hold is charged as held', { inputTokens: 10 }, 40],
      ['a total that the provider left out is charged as held', { totalTokens: undefined }, 40],
      ['nothing at all is charged as held', {}, 40],
    ])('%s, and once', async (_title, usage, usedTokens) => {
      await limit(100)
      await budgets.requestTokens(ask())
      const expected = { reservation: { usedTokens, usageBasis: 'estimate' } }
      expect(await commit('r1', usage)).toMatchObject({ ...expected, isReplay: false })
      expect(await commit('r1', usage)).toMatchObject({ ...expected, isReplay: true })
      budgets = controller()
      expect(await commit('r1', usage)).toMatchObject({ ...expected, isReplay: true })
      expect(await counters()).toEqual([usedTokens, 0, 100 - usedTokens])
      await isSound()
    })

    test('where overruns are capped the hold is charged', async () => {
      await limit(100)
      await budgets.requestTokens(ask())
      await budgets.commit({ tenantId, requestId: 'r1', usage: { outputTokens: 60 }, overrun: 'cap' })
      expect(await counters()).toEqual([40, 0, 60])
    })
  })

  describe('limits', () => {
    test('a limit that falls to what is used tells the soft limits at once, and once', async () => {
      budgets = controller({ outbox: new SqlEventOutbox() })
      const heard: number[] = []
      budgets.on('budget.softLimitReached', ({ percent, state }) => heard.push(percent, state.usedTokens))
      await limit(100, { softLimitPercents: [50, 80], period: { kind: 'day', timeZone: 'UTC' } })
      await spend('r1', 45)
      await limit(80)
      expect(heard).toEqual([50, 45])
      await limit(60)
      await limit(50)
      await spend('r2', 1)
      expect(heard).toEqual([50, 45, 80, 45])
      await clock.advance(DAY_MS)
      await limit(40)
      expect(heard).toEqual([50, 45, 80, 45])
      expect(await stored()).toEqual(['budget.softLimitReached', 'budget.softLimitReached'])
    })

    test('saying the same period again does not open its window anew', async () => {
      const period = { kind: 'rolling', lengthMs: 10_000 } as const
      await limit(100, { period })
      await spend('r1', 40)
      await clock.advance(6_000)
      await limit(100, { period })
      await clock.advance(6_000)
      expect(await counters()).toEqual([0, 0, 100])
      await spend('r2', 100)
      await isSound()
    })

    test('a project gets the default limit on first use though its tenant has a budget', async () => {
      await budgets.setLimit({
        scope: { tenantId },
        limitTokens: 1000,
        actor: { id: 'alice', kind: 'human' },
      })
      budgets = controller({ defaultLimitTokens: 50 })
      await spend('r1', 40)
      const denied = { status: 'denied', level: 'project', availableTokens: 10 }
      expect(await budgets.requestTokens(ask({ requestId: 'r2' }))).toMatchObject(denied)
      expect([await counters(), await counters({})]).toEqual([
        [40, 0, 10],
        [40, 0, 960],
      ])
    })

    test('limits that change while calls run leave counters that the ledger bears out', async () => {
      await limit(100)
      const lives = Array.from({ length: 30 }, async (_, id) => {
        const decision = await budgets.requestTokens(ask({ requestId: `r${id}`, tokens: 7 }))
        if (decision.status === 'granted') await commit(`r${id}`, { totalTokens: 7 })
      })
      const changes = Array.from({ length: 15 }, (_, id) => limit(id % 2 === 0 ? 10 : 300))
      await Promise.all([...lives, ...changes])
      expect((await counters())[1]).toBe(0)
      await isSound()
    })

    test('an extension that lacks money says so, though it asks for more tokens in all than are left', async () => {
      const dollars = (micros: bigint) => ({ currency: 'USD', micros })
      await limit(100, { limitMoney: dollars(50n) })
      await budgets.requestTokens(ask({ cost: dollars(40n) }))
      const order = { tenantId, requestId: 'r1', tokens: 70, cost: dollars(60n) }
      expect(await budgets.extend(order)).toMatchObject({
        ...{ status: 'denied', unit: 'money' },
        ...{ requestedMoney: dollars(20n), availableMoney: dollars(10n) },
      })
      const inTokens = { tenantId, requestId: 'r1', tokens: 101 }
      expect(await budgets.extend({ ...order, tokens: 101 })).toMatchObject({ unit: 'tokens' })
      expect(await budgets.extend(inTokens)).toMatchObject({ unit: 'tokens', requestedMoney: null })
    })
  })

  describe('extreme input', () => {
    test('amounts up to 2^53 - 1 are counted exactly, and what passes it is refused by name', async () => {
      const most = Number.MAX_SAFE_INTEGER
      await limit(most)
      await budgets.requestTokens(ask({ tokens: most - 1 }))
      const denied = { status: 'denied', availableTokens: 1 }
      expect(await budgets.requestTokens(ask({ requestId: 'r2', tokens: 2 }))).toMatchObject(denied)
      expect(await budgets.requestTokens(ask({ requestId: 'r3', tokens: 1 }))).toMatchObject({
        status: 'granted',
      })
      expect(await counters()).toEqual([0, most, 0])
      await limit(null)
      const beyond = budgets.requestTokens(ask({ requestId: 'r4', tokens: most }))
      const outOfRange = { code: 'TOKENS_OUT_OF_RANGE', message: expect.stringContaining('2^53 - 1 tokens') }
      await expect(beyond).rejects.toMatchObject(outOfRange)
      await commit('r1', { totalTokens: most })
      const because = { adjustmentId: 'a1', actor: { id: 'alice', kind: 'human' }, reason: 'a slip' } as const
      const adjusted = budgets.adjust({ scope: { tenantId, projectId }, tokens: 1, ...because })
      await expect(adjusted).rejects.toMatchObject(outOfRange)
      expect(await counters()).toEqual([most, 1, null])
      await isSound()
    })

    test.each([
      ['punctuation of arrays', '{"a",NULL,\\}\'"'],
      ['a word that stands for no value', 'NULL'],
      ['characters of two units', '💰💰'.repeat(64)],
      ['separators of keys', 'a:b%3A/..'],
      ['letters outside ASCII', 'Grüße, 世界'],
    ])('ids of %s stay what they are', async (_title, id) => {
      const address = { projectId: id.slice(0, 128), taskId: id, agentId: id }
      await budgets.setLimit({
        scope: { tenantId, ...address },
        limitTokens: 100,
        actor: { id: 'alice', kind: 'human' },
      })
      const decision = await budgets.requestTokens(ask({ requestId: id, ...address }))
      expect(decision).toMatchObject({ reservation: { requestId: id, scope: address } })
      budgets = controller()
      expect(await commit(id, { totalTokens: 40 })).toMatchObject({ reservation: { scope: address } })
      expect(await counters(address)).toEqual([40, 0, 60])
    })

    test.each(['', 'x'.repeat(257), 'a\u0000b', 'a\nb', '\ud800', 7, null])(
      'the id %j is refused',
      async (id) => {
        await limit(100)
        // Safe: what is no text is refused as it would be from JavaScript.
        const requestId = id as string
        const refused = invalidOption('requestId')
        await expect(budgets.requestTokens(ask({ requestId }))).rejects.toEqual(refused)
        await expect(budgets.release({ tenantId, requestId })).rejects.toEqual(refused)
        expect(await counters()).toEqual([0, 0, 100])
      },
    )
  })

  test('a forecast takes the rate of the last hour, and of the period where that is shorter', async () => {
    await limit(1000, { period: { kind: 'month', timeZone: 'UTC' } })
    await budgets.setLimit({ scope: { tenantId }, limitTokens: 5000, actor: { id: 'alice', kind: 'human' } })
    await spend('r1', 100)
    await clock.advance(10 * HOUR_MS)
    await spend('r2', 90)
    const because = { adjustmentId: 'a1', actor: { id: 'alice', kind: 'human' }, reason: 'a slip' } as const
    await budgets.adjust({ scope: { tenantId, projectId }, tokens: -10, ...because })
    await clock.advance(HOUR_MS / 2)
    const scope = { tenantId, projectId }
    const after = (hours: number) => new Date(clock.now().getTime() + hours * HOUR_MS)
    const late = { ratePerHour: 80, exhaustsAt: after(820 / 80), basis: 'recent' }
    expect((await budgets.forecast(scope)).tokens).toEqual(late)
    const lately = { tokens: { ratePerHour: 160, exhaustsAt: after(820 / 160) } }
    expect(await budgets.forecast(scope, { windowMs: HOUR_MS / 2 })).toMatchObject(lately)
    expect((await budgets.forecast(scope, { windowMs: 31 * DAY_MS })).tokens.basis).toBe('period')
    const missing = budgets.forecast({ tenantId, projectId: 'q' })
    await expect(missing).rejects.toMatchObject({
      code: 'BUDGET_NOT_FOUND',
      details: { scope: { tenantId, projectId: 'q' } },
    })
    await expect(budgets.forecast(scope, { windowMs: 1 })).rejects.toEqual(invalidOption('windowMs'))
  })

  describe('clocks', () => {
    test('a clock that goes back an hour reopens no period and resets nothing twice', async () => {
      await limit(100, { period: { kind: 'rolling', lengthMs: 10 * 60_000 } })
      await spend('r1', 40)
      await clock.advance(11 * 60_000)
      await spend('r2', 30)
      clock.jumpWall(-HOUR_MS)
      await spend('r3', 20)
      const state = await budgets.state({ tenantId, projectId })
      expect(state).toMatchObject({ usedTokens: 50, forecast: { tokens: { ratePerHour: 0 } } })
      expect(state.period.endsAt?.getTime()).toBeGreaterThan(state.period.startsAt.getTime())
      clock.jumpWall(HOUR_MS)
      expect(await counters()).toEqual([50, 0, 50])
      await clock.advance(11 * 60_000)
      await spend('r4', 10)
      expect(await counters()).toEqual([10, 0, 90])
      expect(await movements('reset')).toBe(2)
      await isSound()
    })

    test('a clock that goes back between finding a hold and expiring it leaves the hold alone', async () => {
      await limit(100)
      await budgets.requestTokens(ask({ ttlMs: 10 }))
      await clock.advance(10)
      const sweep = budgets.sweepExpired({ tenantId })
      clock.jumpWall(-5)
      expect(await sweep).toEqual({ expiredCount: 0 })
      expect(await commit('r1', { totalTokens: 7 })).toMatchObject({ reservation: { status: 'committed' } })
      await isSound()
    })

    test('a clock that leaps ahead expires what was held, and what was used then is charged late', async () => {
      await limit(100, { period: { kind: 'day', timeZone: 'UTC' } })
      await budgets.requestTokens(ask())
      clock.jumpWall(3 * DAY_MS)
      expect(await commit('r1', { totalTokens: 7 })).toMatchObject({ reservation: { status: 'late' } })
      clock.jumpWall(-3 * DAY_MS)
      await spend('r2', 50)
      expect(await counters()).toEqual([57, 0, 43])
      await isSound()
    })

    test("a process's own clock ends no hold and turns no period: the database's does", async () => {
      const wrong = new BudgetController({
        database: database(),
        clock: new FakeClock(new Date('2041-01-01')),
      })
      const scope = { tenantId, projectId }
      const actor = { id: 'alice', kind: 'human' } as const
      await wrong.setLimit({ scope, limitTokens: 100, period: { kind: 'day', timeZone: 'UTC' }, actor })
      const before = Date.now()
      const decision = await wrong.requestTokens(ask())
      const { heldAt } = decision.status === 'granted' ? decision.reservation : { heldAt: new Date(0) }
      // Both run on one machine; a day is more than any difference between their clocks.
      expect(Math.abs(heldAt.getTime() - before)).toBeLessThan(DAY_MS)
      await controller({ now: async () => new Date(heldAt.getTime() + HOUR_MS) }).sweepExpired({ tenantId })
      expect((await wrong.state(scope)).reservedTokens).toBe(0)
      await isSound()
    })

    test('many that find a period over begin the next one once', async () => {
      await limit(1000, { period: { kind: 'day', timeZone: 'UTC' } })
      await spend('r0', 40)
      await clock.advance(DAY_MS)
      const processes = Array.from({ length: 4 }, () => controller())
      await Promise.all(
        processes.map((one, id) => one.requestTokens(ask({ requestId: `n${id}`, tokens: 1 }))),
      )
      expect(await movements('reset')).toBe(1)
      expect(await counters()).toEqual([0, 4, 996])
      await isSound()
    })
  })

  describe('doing it twice', () => {
    test('an answer lost after the commit, with an outbox: charged once, told once', async () => {
      let losses = 0
      const lossy = losingAfterCommit(database(), () => losses-- > 0)
      budgets = controller({ database: lossy, outbox: new SqlEventOutbox(), storesEveryEvent: true })
      await limit(100, { softLimitPercents: [10] })
      losses = 1
      expect(await budgets.requestTokens(ask())).toMatchObject({ status: 'granted', isReplay: true })
      losses = 1
      expect(await commit('r1', { totalTokens: 30 })).toMatchObject({ isReplay: true })
      expect(await counters()).toEqual([30, 0, 70])
      expect((await stored()).toSorted()).toEqual([
        'budget.committed',
        'budget.reserved',
        'budget.softLimitReached',
      ])
      losses = 1
      const unknown = { code: 'BUDGET_OUTCOME_UNKNOWN', retryable: true }
      await expect(limit(200)).rejects.toMatchObject(unknown)
      expect(await counters()).toEqual([30, 0, 170])
      await isSound()
    })

    test('sweepers of many processes give each hold back once', async () => {
      await limit(1000)
      await Promise.all(
        Array.from({ length: 40 }, (_, id) =>
          budgets.requestTokens(ask({ requestId: `r${id}`, tokens: 5, ttlMs: 10 })),
        ),
      )
      await clock.advance(10)
      const logger = new RecordingLogger()
      const sweeps = Array.from({ length: 4 }, () => controller({ logger }).sweepExpired({ tenantId }))
      const counts = (await Promise.all(sweeps)).map(({ expiredCount }) => expiredCount)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40)
      const told = counts.filter((count) => count > 0).map((expiredCount) => ({ expiredCount }))
      expect(new Set(logger.messages('warn'))).toEqual(new Set(['budget holds expired']))
      expect(logger.lines.map(({ fields }) => fields)).toEqual(expect.arrayContaining(told))
      expect(await movements('expired')).toBe(40)
      expect(await counters()).toEqual([0, 0, 1000])
      await isSound()
    })

    test('an id that retention has forgotten is decided anew, and what was charged for it stays charged', async () => {
      await limit(100)
      await spend('r1', 40)
      await budgets.requestTokens(ask({ requestId: 'held', tokens: 1, ttlMs: DAY_MS }))
      await clock.advance(40 * DAY_MS)
      const keep = { retentionMs: 30 * DAY_MS, limit: 5000 }
      while ((await budgets.forgetEnded(keep)).movements === keep.limit);
      await isSound()
      expect(await budgets.requestTokens(ask())).toMatchObject({ status: 'granted', isReplay: false })
      expect(await counters()).toEqual([40, 41, 19])
      await budgets.sweepExpired({ tenantId })
      expect(await counters()).toEqual([40, 40, 20])
      await isSound()
      expect(await budgets.rebuild({ tenantId, actor: { id: 'alice', kind: 'human' } })).toEqual({
        changedBudgets: 0,
      })
    })
  })

  test('a cache in which another tenant put its own answers under our keys is not believed', async () => {
    const cache = new MemoryKeyValueStore({ clock })
    budgets = controller({ cache })
    const other = randomName('tenant')
    for (const tenant of [tenantId, other]) {
      const scope = { tenantId: tenant, projectId }
      await budgets.setLimit({ scope, limitTokens: 100, actor: { id: 'alice', kind: 'human' } })
      const request = ask({ tenantId: tenant, tokens: tenant === other ? 3 : 40 })
      await budgets.requestTokens(request)
      await budgets.commit({ tenantId: tenant, requestId: 'r1', usage: 'unknown' })
      await budgets.requestTokens(request)
      await budgets.state(scope)
    }
    for (const key of [`req:${tenantId}::r1`, `state:${tenantId}:p`]) {
      const poison = await cache.get(`budget:${key.replace(tenantId, other)}`)
      expect(poison).toBeDefined()
      await cache.set(`budget:${key}`, poison ?? '')
      expect(await budgets.requestTokens(ask())).toMatchObject({ reservation: { usedTokens: 40 } })
      expect(await counters()).toEqual([40, 0, 60])
      for (const text of [
        'null',
        '{}',
        '7',
        `{"tenant_id":"${tenantId}","project_id":"p","request_id":"r1"}`,
      ]) {
        await cache.set(`budget:${key}`, text)
        expect(await budgets.requestTokens(ask())).toMatchObject({ reservation: { usedTokens: 40 } })
        expect(await counters()).toEqual([40, 0, 60])
      }
    }
  })
}

/** A database whose transactions commit and then lose the answer, as often as `loses` says. */
function losingAfterCommit(database: SqlDatabase, loses: () => boolean): SqlDatabase {
  const transaction: SqlDatabase['transaction'] = async (work, options) => {
    const result = await database.transaction(work, options)
    if (loses()) throw StorageError.of('OUTCOME_UNKNOWN', 'the connection was cut')
    return result
  }
  return new Proxy(database, {
    get: (target, name) => {
      if (name === 'transaction') return transaction
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
