import type { Actor } from '@golden-arch/core/audit'
import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetControllerOptions } from '../../budget-controller-options.ts'
import type { SizedRequest } from '../../budget-request.ts'
import { timeOf } from '../time-of.ts'

const DAY_MS = 86_400_000

/** What a {@link BudgetController} promises of holds that grow, periods, warnings, corrections and retention. */
export function budgetGrowthContract(database: () => SqlDatabase): void {
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
  const limit = (limitTokens: number, changes: object = {}) =>
    budgets.setLimit({
      scope: { tenantId, projectId },
      limitTokens,
      actor: { id: 'alice', kind: 'human' },
      ...changes,
    })
  const commit = (requestId: string, totalTokens: number) =>
    budgets.commit({ tenantId, requestId, usage: { totalTokens } })
  const spend = async (requestId: string, tokens: number) => {
    expect(await budgets.requestTokens(ask({ requestId, tokens }))).toMatchObject({ status: 'granted' })
    await commit(requestId, tokens)
  }
  const counters = async (scope: object = { projectId }) => {
    const state = await budgets.state({ tenantId, ...scope })
    return [state.usedTokens, state.reservedTokens, state.availableTokens]
  }
  const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])

  beforeEach(() => {
    clock = new FakeClock(new Date('2026-03-10T12:00:00.000Z'))
    tenantId = randomName('tenant')
    budgets = controller()
  })

  describe('extending', () => {
    beforeEach(async () => {
      await limit(100)
      await budgets.requestTokens(ask({ ttlMs: 1000 }))
    })

    test('a hold lives longer, and never ends sooner than before', async () => {
      await clock.advance(900)
      const extended = await budgets.extend({ tenantId, requestId: 'r1', ttlMs: 1000 })
      const expiresAt = new Date(clock.now().getTime() + 1000)
      expect(extended).toMatchObject({ status: 'extended', reservation: { status: 'held', expiresAt } })
      expect(await budgets.extend({ tenantId, requestId: 'r1', ttlMs: 1 })).toMatchObject({
        reservation: { expiresAt },
      })
      await clock.advance(999)
      expect(await budgets.sweepExpired({ tenantId })).toEqual({ expiredCount: 0 })
      expect(await commit('r1', 40)).toMatchObject({ reservation: { status: 'committed', expiresAt } })
      await isSound()
    })

    test('a hold grows to a total where there is room, once however often it is asked', async () => {
      const extension = { tenantId, requestId: 'r1', tokens: 70 }
      const extended = { status: 'extended', reservation: { tokens: 70 } }
      expect(await budgets.extend(extension)).toMatchObject(extended)
      expect(await controller().extend(extension)).toMatchObject(extended)
      expect(await counters()).toEqual([0, 70, 30])
      expect(await budgets.requestTokens(ask({ ttlMs: 1000 }))).toMatchObject({
        isReplay: true,
        reservation: { tokens: 70 },
      })
      expect(await commit('r1', 65)).toMatchObject({ reservation: { overrunTokens: 0, tokens: 70 } })
      expect(await counters()).toEqual([65, 0, 35])
      await isSound()
    })

    test('a hold that another process let grow is settled as it is now, alone or with others', async () => {
      await budgets.requestTokens(ask({ requestId: 'r2', tokens: 10 }))
      const other = controller()
      for (const requestId of ['r1', 'r2']) await other.extend({ tenantId, requestId, tokens: 45 })
      const settled = { isReplay: false, reservation: { tokens: 45, usedTokens: 45 } }
      const settle = (requestId: string) => budgets.commit({ tenantId, requestId, usage: 'unknown' })
      expect(await settle('r1')).toMatchObject(settled)
      await budgets.requestTokens(ask({ requestId: 'r3', tokens: 5 }))
      expect((await Promise.all([settle('r2'), settle('r3')]))[0]).toMatchObject(settled)
      expect(await counters()).toEqual([95, 0, 5])
      await isSound()
    })

    test('a hold that finds no room stays as it is', async () => {
      expect(await budgets.extend({ tenantId, requestId: 'r1', tokens: 101 })).toMatchObject({
        status: 'denied',
        level: 'project',
        availableTokens: 60,
      })
      expect(await counters()).toEqual([0, 40, 60])
    })

    test('what has ended cannot be extended', async () => {
      await clock.advance(1000)
      const extension = { tenantId, requestId: 'r1', ttlMs: 1000 }
      const settled = { code: 'RESERVATION_SETTLED', details: { status: 'expired' } }
      await expect(budgets.extend(extension)).rejects.toMatchObject(settled)
      await budgets.release({ tenantId, requestId: 'r1' })
      await expect(budgets.extend(extension)).rejects.toMatchObject(settled)
      const missing = { code: 'RESERVATION_NOT_FOUND', details: { requestId: 'r9' } }
      await expect(budgets.extend({ ...extension, requestId: 'r9' })).rejects.toMatchObject(missing)
    })
  })

  test('a capped overrun is charged up to the hold, and what is left out is recorded', async () => {
    await limit(100)
    const capped = controller({ overrun: 'cap' })
    await capped.requestTokens(ask())
    const order = { tenantId, requestId: 'r1', usage: { totalTokens: 55 } }
    const first = await capped.commit(order)
    expect(first.reservation).toMatchObject({ usedTokens: 40, overrunTokens: 15, unchargedTokens: 15 })
    expect(await budgets.commit(order)).toEqual({ ...first, isReplay: true })
    expect(await counters()).toEqual([40, 0, 60])
    await isSound()
  })

  test('a budget made later counts for the next request, also in a process that asked before', async () => {
    await limit(100)
    const other = controller()
    await other.requestTokens(ask({ taskId: 't' }))
    await budgets.setLimit({
      scope: { tenantId, projectId, taskId: 't' },
      limitTokens: 50,
      actor: { id: 'alice', kind: 'human' },
    })
    const request = ask({ taskId: 't', requestId: 'r2', tokens: 30 })
    expect(await other.requestTokens(request)).toMatchObject({ status: 'granted' })
    expect(await counters({ projectId, taskId: 't' })).toEqual([0, 30, 20])
    // The hold made before counts where it was made, and nowhere else.
    await other.commit({ tenantId, requestId: 'r1', usage: 'unknown' })
    expect(await counters({ projectId, taskId: 't' })).toEqual([0, 30, 20])
    expect(await counters()).toEqual([40, 30, 30])
    await isSound()
  })

  test('a budget without a limit counts and never denies', async () => {
    await budgets.setLimit({
      scope: { tenantId, projectId },
      limitTokens: null,
      actor: { id: 'alice', kind: 'human' },
    })
    await spend('r1', 1_000_000)
    expect(await counters()).toEqual([1_000_000, 0, null])
    await isSound()
  })

  test('a request denied again and again goes before smaller ones, which may not take the room it waits for', async () => {
    await limit(100)
    budgets = controller({ laneCount: 1 })
    await budgets.requestTokens(ask({ requestId: 'r0', tokens: 60 }))
    const large = ask({ requestId: 'large', tokens: 50 })
    const small = ask({ requestId: 'small', tokens: 30 })
    const both = async () => {
      const decisions = await Promise.all([small, large].map((request) => budgets.requestTokens(request)))
      return decisions.map(({ status }) => status)
    }
    for (let denials = 0; denials < 3; denials++) await budgets.requestTokens(large)
    expect(await both()).toEqual(['denied', 'denied'])
    await budgets.commit({ tenantId, requestId: 'r0', usage: { totalTokens: 50 } })
    expect(await both()).toEqual(['denied', 'granted'])
    await isSound()
  })

  describe('periods', () => {
    test('a calendar day of the time zone begins with nothing used, once, and holds go over into it', async () => {
      const period = { kind: 'day', timeZone: 'America/New_York' } as const
      await limit(100, { period })
      await spend('r1', 60)
      await budgets.requestTokens(ask({ requestId: 'r2', ttlMs: DAY_MS }))
      const denied = await budgets.requestTokens(ask({ requestId: 'r3', tokens: 1 }))
      const resetsAt = new Date('2026-03-11T04:00:00.000Z')
      expect(denied).toMatchObject({ status: 'denied', resetsAt })
      const refused = budgets.withBudget(ask({ requestId: 'r3', tokens: 1 }), async () => 'answer')
      await expect(refused).rejects.toMatchObject({ details: { resetsAt: resetsAt.toISOString() } })
      expect((await budgets.state({ tenantId, projectId })).resetsAt).toEqual(resetsAt)
      await clock.advance(16 * 3_600_000)
      expect(await counters()).toEqual([0, 40, 60])
      const racers = [budgets, controller(), controller()]
      const asked = racers.map((one, index) => one.requestTokens(ask({ requestId: `n${index}`, tokens: 20 })))
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(3).fill('granted'))
      await commit('r2', 40)
      expect(await counters()).toEqual([40, 60, 0])
      const { rows } = await database().query(
        `SELECT tokens FROM budget_transactions WHERE tenant_id = $1 AND kind = 'reset'`,
        [tenantId],
      )
      expect(rows).toEqual([{ tokens: 60n }])
      await isSound()
    })

    test('a rolling window opens with the first use after the last one has ended', async () => {
      await limit(100, { period: { kind: 'rolling', lengthMs: 10_000 } })
      await spend('r1', 100)
      await clock.advance(25_000)
      await spend('r2', 1)
      expect(await budgets.state({ tenantId, projectId })).toMatchObject({
        usedTokens: 1,
        resetsAt: new Date(clock.now().getTime() + 10_000),
      })
      await isSound()
    })

    test.each([
      ['by the process that held it', () => budgets],
      ['by another one', () => controller()],
    ])('usage of a hold of yesterday counts today, reported %s', async (_title, reporter) => {
      await limit(100, { period: { kind: 'day', timeZone: 'UTC' } })
      await spend('r1', 10)
      await budgets.requestTokens(ask({ requestId: 'r2', ttlMs: DAY_MS }))
      await clock.advance(DAY_MS - 1)
      await reporter().commit({ tenantId, requestId: 'r2', usage: { totalTokens: 25 } })
      expect(await counters()).toEqual([25, 0, 75])
      await isSound()
    })

    test('a window opens with a hold, before anything of it is committed', async () => {
      await limit(100, { period: { kind: 'rolling', lengthMs: 10_000 } })
      await spend('r1', 10)
      await clock.advance(25_000)
      await budgets.requestTokens(ask({ requestId: 'r2' }))
      const resetsAt = new Date(clock.now().getTime() + 10_000)
      await clock.advance(5_000)
      await commit('r2', 30)
      expect(await budgets.state({ tenantId, projectId })).toMatchObject({ usedTokens: 30, resetsAt })
      await isSound()
    })

    test('changing the period keeps what was used so far', async () => {
      await limit(100)
      await spend('r1', 70)
      await limit(100, { period: { kind: 'month', timeZone: 'UTC' } })
      expect(await counters()).toEqual([70, 0, 30])
      await clock.advance(22 * DAY_MS)
      await limit(200, { period: { kind: 'none' } })
      expect(await counters()).toEqual([0, 0, 200])
      await isSound()
    })
  })

  describe('warnings', () => {
    const stored = async () => {
      const { rows } = await database().query<{ type: string; percent: number | null }>(
        `SELECT event_type AS type, (envelope -> 'data' ->> 'percent')::integer AS percent FROM outbox
          WHERE tenant_id = $1 ORDER BY position`,
        [tenantId],
      )
      return rows.map(({ type, percent }) => (percent === null ? type : `${type} ${percent}`))
    }

    test('each soft limit is told once a period, those crossed together too, by outbox and listener', async () => {
      budgets = controller({ outbox: new SqlEventOutbox() })
      const heard: number[] = []
      budgets.on('budget.softLimitReached', ({ percent }) => heard.push(percent))
      await limit(100, { softLimitPercents: [90, 50, 80], period: { kind: 'day', timeZone: 'UTC' } })
      await spend('r1', 49)
      expect(heard).toEqual([])
      await spend('r2', 36)
      await budgets.refund({ ...{ tenantId, requestId: 'r2', tokens: 36 }, ...because('f1') })
      await spend('r3', 36)
      expect(heard).toEqual([50, 80])
      await budgets.adjust({ scope: { tenantId, projectId }, tokens: 10, ...because('a1') })
      expect(heard).toEqual([50, 80, 90])
      await clock.advance(DAY_MS)
      await spend('r4', 60)
      expect(heard).toEqual([50, 80, 90, 50])
      expect(await stored()).toEqual([50, 80, 90, 50].map((percent) => `budget.softLimitReached ${percent}`))
    })

    test('exhaustion is told once for each limit and period', async () => {
      budgets = controller({ outbox: new SqlEventOutbox() })
      await limit(10, { period: { kind: 'day', timeZone: 'UTC' } })
      for (const requestId of ['r1', 'r2']) await budgets.requestTokens(ask({ requestId }))
      await limit(11)
      await budgets.requestTokens(ask())
      await clock.advance(DAY_MS)
      await budgets.requestTokens(ask())
      await budgets.requestTokens(ask())
      expect(await stored()).toEqual(Array(3).fill('budget.exhausted'))
    })

    test('a denial that only holds whose time has passed would cause is not told as exhaustion', async () => {
      budgets = controller({ outbox: new SqlEventOutbox() })
      await limit(100)
      await budgets.requestTokens(ask({ tokens: 100, ttlMs: 10 }))
      await clock.advance(10)
      await spend('r2', 50)
      expect(await stored()).toEqual(['budget.expired'])
    })

    test('frequent events reach listeners, and the outbox by option', async () => {
      budgets = controller({ outbox: new SqlEventOutbox(), storesEveryEvent: true })
      const heard: string[] = []
      budgets.on('budget.reserved', ({ reservation }) => heard.push(`reserved ${reservation.requestId}`))
      budgets.on('budget.committed', () => {
        throw new Error('a listener that fails disturbs nobody')
      })
      budgets.on('budget.released', ({ reservation }) => heard.push(`released ${reservation.requestId}`))
      await limit(100)
      await spend('r1', 5)
      await spend('r1', 5).catch(() => undefined)
      await budgets.requestTokens(ask({ requestId: 'r2' }))
      await budgets.release({ tenantId, requestId: 'r2' })
      expect(heard).toEqual(['reserved r1', 'reserved r2', 'released r2'])
      expect(await stored()).toEqual([
        'budget.reserved',
        'budget.committed',
        'budget.reserved',
        'budget.released',
      ])
    })

    test('a hold that expired earlier and was committed late at the very same instant goes back once', async () => {
      budgets = controller({ outbox: new SqlEventOutbox() })
      await limit(100)
      await budgets.requestTokens(ask({ ttlMs: 10 }))
      await clock.advance(10)
      await budgets.sweepExpired({ tenantId })
      await commit('r1', 7)
      expect(await counters()).toEqual([7, 0, 93])
      expect(await stored()).toEqual(['budget.expired', 'budget.late'])
      await isSound()
    })
  })

  describe('corrections', () => {
    test('a refund is made once, at every level, and no more than was charged', async () => {
      await limit(100)
      await budgets.setLimit({ scope: { tenantId }, limitTokens: 100, actor: { id: 'alice', kind: 'human' } })
      await spend('r1', 40)
      const refund = { tenantId, requestId: 'r1', tokens: 30, ...because('f1') }
      expect(await budgets.refund(refund)).toEqual({ isReplay: false })
      expect(await budgets.refund(refund)).toEqual({ isReplay: true })
      const conflict = { code: 'ADJUSTMENT_CONFLICT' }
      await expect(budgets.refund({ ...refund, tokens: 29 })).rejects.toMatchObject(conflict)
      const tooMuch = budgets.refund({ ...refund, ...because('f2'), tokens: 11 })
      await expect(tooMuch).rejects.toMatchObject({ code: 'REFUND_EXCEEDS_USED' })
      expect([await counters(), await counters({})]).toEqual([
        [10, 0, 90],
        [10, 0, 90],
      ])
      await isSound()
    })

    test('only what was committed can be refunded', async () => {
      await limit(100)
      await budgets.requestTokens(ask())
      const refund = { tenantId, requestId: 'r1', tokens: 1, ...because('f1') }
      await expect(budgets.refund(refund)).rejects.toMatchObject({
        code: 'RESERVATION_SETTLED',
        details: { requestId: 'r1' },
      })
      const missing = budgets.refund({ ...refund, requestId: 'r9' })
      await expect(missing).rejects.toMatchObject({
        code: 'RESERVATION_NOT_FOUND',
        details: { requestId: 'r9' },
      })
    })

    test('an adjustment charges more or less, by somebody for a reason, and is audited', async () => {
      budgets = controller({ audit: new SqlAuditLog() })
      await limit(100)
      const scope = { tenantId, projectId }
      await budgets.adjust({ scope, tokens: 25, ...because('a1') })
      await budgets.adjust({ scope, tokens: -5, ...because('a2') })
      const less = budgets.adjust({ scope, tokens: -21, ...because('a3') })
      await expect(less).rejects.toMatchObject({ code: 'REFUND_EXCEEDS_USED' })
      expect(await counters()).toEqual([20, 0, 80])
      const { rows } = await database().query(
        'SELECT tokens, actor, reason FROM budget_transactions WHERE tenant_id = $1 AND adjustment_id IS NOT NULL ORDER BY transaction_id',
        [tenantId],
      )
      const who = { actor: 'alice', reason: 'a slip' }
      expect(rows).toEqual([
        { tokens: 25n, ...who },
        { tokens: 5n, ...who },
      ])
      const audited = await database().query(
        `SELECT action FROM audit_log WHERE tenant_id = $1 AND action <> 'budget.setLimit'`,
        [tenantId],
      )
      expect(audited.rows).toEqual([{ action: 'budget.adjust' }, { action: 'budget.adjust' }])
      await isSound()
    })
  })

  describe('retention', () => {
    test('ids are known for 400 days where nothing else is said', async () => {
      await limit(100)
      await spend('r1', 1)
      await clock.advance(400 * DAY_MS - 1)
      while ((await budgets.forgetEnded({ limit: 5000 })).movements === 5000);
      expect(await commit('r1', 1)).toMatchObject({ isReplay: true })
      await clock.advance(2)
      while ((await budgets.forgetEnded({ limit: 5000 })).movements === 5000);
      await expect(commit('r1', 1)).rejects.toMatchObject({ code: 'RESERVATION_NOT_FOUND' })
      expect(await counters()).toEqual([1, 0, 99])
      await isSound()
    })

    test('a movement is kept for the whole of its time, to the last millisecond', async () => {
      await limit(100)
      const keep = { retentionMs: 30 * DAY_MS, limit: 5000 }
      const kept = async () => {
        while ((await budgets.forgetEnded(keep)).movements === keep.limit);
        const { rows } = await database().query('SELECT kind FROM budget_transactions WHERE tenant_id = $1', [
          tenantId,
        ])
        return rows.length
      }
      await clock.advance(keep.retentionMs)
      expect(await kept()).toBe(1)
      await clock.advance(1)
      expect(await kept()).toBe(0)
      await isSound()
    })

    test('a summary that grows adds up with what is left, in tokens and in money', async () => {
      const euros = (micros: bigint) => ({ currency: 'EUR', micros })
      await limit(1000, { limitMoney: euros(1000n) })
      const call = async (requestId: string) => {
        await budgets.requestTokens(ask({ requestId, cost: euros(40n) }))
        const usage = { totalTokens: 30, cost: euros(25n) }
        await budgets.commit({ tenantId, requestId, usage })
      }
      await call('r1')
      await clock.advance(DAY_MS)
      await call('r2')
      await clock.advance(30 * DAY_MS)
      for (const charged of [1n, 2n]) {
        await clock.advance(DAY_MS)
        while ((await budgets.forgetEnded({ retentionMs: 31 * DAY_MS, limit: 5000 })).movements === 5000);
        const { rows } = await database().query(
          'SELECT charged_tokens, charged_micros, reserved_tokens FROM budget_period_summaries WHERE tenant_id = $1',
          [tenantId],
        )
        expect(rows).toEqual([
          { charged_tokens: 30n * charged, charged_micros: 25n * charged, reserved_tokens: 0n },
        ])
        await isSound()
      }
    })

    describe('of a time that no other test has', () => {
      const keep = { retentionMs: 30 * DAY_MS }

      beforeEach(() => {
        clock = new FakeClock(new Date('2001-01-31T20:00:00.000Z'))
        budgets = controller()
      })

      test('the oldest movements go first, as many as the limit says', async () => {
        await limit(100)
        await clock.advance(31 * DAY_MS)
        await spend('r1', 1)
        expect(await budgets.forgetEnded({ ...keep, limit: 1 })).toMatchObject({ movements: 1 })
        const { rows } = await database().query(
          'SELECT kind FROM budget_transactions WHERE tenant_id = $1 ORDER BY transaction_id',
          [tenantId],
        )
        expect(rows).toEqual([{ kind: 'held' }, { kind: 'committed' }])
        await clock.advance(31 * DAY_MS)
        expect(await budgets.forgetEnded(keep)).toEqual({ movements: 2, reservations: 1 })
      })

      test('a reservation that expired long ago and was settled late is known from its settlement on', async () => {
        await limit(100)
        await budgets.requestTokens(ask({ ttlMs: 10 }))
        await clock.advance(10)
        await budgets.sweepExpired({ tenantId })
        await clock.advance(31 * DAY_MS)
        await commit('r1', 7)
        expect(await budgets.forgetEnded(keep)).toEqual({ movements: 3, reservations: 0 })
        expect(await commit('r1', 7)).toMatchObject({ isReplay: true })
        await clock.advance(31 * DAY_MS)
        expect(await budgets.forgetEnded(keep)).toEqual({ movements: 1, reservations: 1 })
        await isSound()
      })

      test('a reservation of one tenant goes without that of another with its id', async () => {
        const tenants = [tenantId, randomName('tenant')]
        for (tenantId of tenants) {
          await limit(100)
          await spend('r1', 1)
        }
        await clock.advance(31 * DAY_MS)
        for (const _tenant of tenants) {
          expect(await budgets.forgetEnded({ ...keep, limit: 3 })).toEqual({ movements: 3, reservations: 1 })
        }
      })

      test('a month begins by UTC, whatever the time zone of the connection', async () => {
        await limit(100)
        await clock.advance(31 * DAY_MS)
        await database().transaction(async (tx) => {
          await tx.query("SET LOCAL TIME ZONE 'Pacific/Auckland'")
          await tx.query('SELECT budget_close_periods($1, $1, 5000)', [clock.now()])
        })
        const { rows } = await database().query(
          'SELECT month_starts_at FROM budget_period_summaries WHERE tenant_id = $1',
          [tenantId],
        )
        expect(rows).toEqual([{ month_starts_at: new Date('2001-01-01T00:00:00.000Z') }])
      })
    })

    test('old movements become summaries from which the counters can still be rebuilt', async () => {
      await limit(1000)
      await spend('r1', 40)
      await spend('r2', 60)
      await clock.advance(40 * DAY_MS)
      await spend('r3', 7)
      const keep = { retentionMs: 30 * DAY_MS }
      // It takes those of every tenant, the oldest names first.
      const takeSome = async () => (await budgets.forgetEnded({ ...keep, limit: 5000 })).movements
      while ((await takeSome()) === 5000);
      const { rows } = await database().query(
        `SELECT limit_tokens, used_tokens, reserved_tokens, charged_tokens, movement_count FROM budget_period_summaries
          WHERE tenant_id = $1`,
        [tenantId],
      )
      expect(rows).toEqual([
        {
          limit_tokens: 1000n,
          used_tokens: 100n,
          reserved_tokens: 0n,
          charged_tokens: 100n,
          movement_count: 5n,
        },
      ])
      await isSound()
      await expect(commit('r1', 40)).rejects.toMatchObject({ code: 'RESERVATION_NOT_FOUND' })
      expect(await commit('r3', 7)).toMatchObject({ isReplay: true })
      await database().query('UPDATE budgets SET used_tokens = 1, limit_tokens = 2 WHERE tenant_id = $1', [
        tenantId,
      ])
      expect(await budgets.rebuild({ tenantId, actor: { id: 'alice', kind: 'human' } })).toEqual({
        changedBudgets: 1,
      })
      expect(await counters()).toEqual([107, 0, 893])
      await isSound()
    })
  })
}

function because(adjustmentId: string): { adjustmentId: string; actor: Actor; reason: string } {
  return { adjustmentId, actor: { id: 'alice', kind: 'human' }, reason: 'a slip' }
}
