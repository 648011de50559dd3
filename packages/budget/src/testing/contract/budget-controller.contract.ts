import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetRequest } from '../../budget-request.ts'
import { timeOf } from '../time-of.ts'

/** What a {@link BudgetController} promises on any database. */
export function budgetControllerContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let budgets: BudgetController
  let tenantId: string
  const projectId = 'p'
  const ask = (changes: Partial<BudgetRequest> = {}): BudgetRequest => ({
    requestId: 'r1',
    tenantId,
    projectId,
    tokens: 40,
    ...changes,
  })
  const limit = (limitTokens: number, scope: object = { projectId }) =>
    budgets.setLimit({ scope: { tenantId, ...scope }, limitTokens, actor: { id: 'alice', kind: 'human' } })
  const counters = async (scope: object = { projectId }) => {
    const { usedTokens, reservedTokens, availableTokens } = await budgets.state({ tenantId, ...scope })
    return [usedTokens, reservedTokens, availableTokens]
  }

  beforeEach(() => {
    clock = new FakeClock()
    tenantId = randomName('tenant')
    budgets = new BudgetController({ database: database(), ...timeOf(clock) })
  })

  describe('requesting', () => {
    test('a grant holds the tokens and says until when', async () => {
      await limit(100)
      const decision = await budgets.requestTokens(ask({ taskId: 't', agentId: 'a' }))
      expect(decision).toEqual({
        status: 'granted',
        isReplay: false,
        reservation: {
          status: 'held',
          requestId: 'r1',
          scope: { tenantId, projectId, taskId: 't', agentId: 'a' },
          tokens: 40,
          ttlMs: 120_000,
          heldAt: clock.now(),
          expiresAt: new Date(clock.now().getTime() + 120_000),
        },
      })
      expect(await counters()).toEqual([0, 40, 60])
    })

    test('a denial names the widest level without room, holds nothing, and is decided anew when asked again', async () => {
      await limit(100)
      await limit(30, { projectId, taskId: 't' })
      await limit(10, { projectId, taskId: 't', agentId: 'a' })
      const request = ask({ taskId: 't', agentId: 'a' })
      const denied = { status: 'denied', level: 'task', scope: { tenantId, projectId, taskId: 't' } }
      expect(await budgets.requestTokens(request)).toEqual({
        ...denied,
        unit: 'tokens',
        availableTokens: 30,
        limitTokens: 30,
        requestedMoney: null,
        availableMoney: null,
        limitMoney: null,
        resetsAt: null,
      })
      expect(await counters()).toEqual([0, 0, 100])
      await limit(50, { projectId, taskId: 't' })
      expect(await budgets.requestTokens(request)).toMatchObject({ status: 'denied', level: 'agent' })
      await limit(40, { projectId, taskId: 't', agentId: 'a' })
      expect(await budgets.requestTokens(request)).toMatchObject({ status: 'granted', isReplay: false })
    })

    test('the limit of a tenant, a project, a task and an agent each deny by themselves', async () => {
      const request = ask({ taskId: 't', agentId: 'a' })
      const scopes = [{}, { projectId }, { projectId, taskId: 't' }, { projectId, agentId: 'a' }]
      for (const scope of scopes) await limit(1000, scope)
      for (const scope of scopes) {
        await limit(39, scope)
        expect(await budgets.requestTokens(request)).toMatchObject({
          status: 'denied',
          scope: { tenantId, ...scope },
        })
        await limit(1000, scope)
      }
      expect(await budgets.requestTokens(request)).toMatchObject({ status: 'granted' })
      for (const scope of scopes) expect(await counters(scope)).toEqual([0, 40, 960])
    })

    test('the same request again is answered as a replay and holds nothing more', async () => {
      await limit(100)
      await budgets.requestTokens(ask())
      expect(await budgets.requestTokens(ask())).toMatchObject({
        isReplay: true,
        reservation: { status: 'held' },
      })
      await budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 7 } })
      expect(await budgets.requestTokens(ask())).toMatchObject({
        status: 'granted',
        isReplay: true,
        reservation: { status: 'committed', usedTokens: 7 },
      })
      expect(await counters()).toEqual([7, 0, 93])
    })

    test('a replay is answered though the room is gone since', async () => {
      await limit(40)
      await budgets.requestTokens(ask())
      expect(await budgets.requestTokens(ask())).toMatchObject({ status: 'granted', isReplay: true })
    })

    test.each([
      ['projectId', { projectId: 'q' }],
      ['taskId', { taskId: 't' }],
      ['agentId', { agentId: 'a' }],
      ['tokens', { tokens: 41 }],
      ['ttlMs', { ttlMs: 1 }],
    ])('the same id with another %s is a conflict that names it', async (field, changes) => {
      await limit(100)
      await limit(100, { projectId: 'q' })
      await budgets.requestTokens(ask())
      await expect(budgets.requestTokens(ask(changes))).rejects.toMatchObject({
        code: 'REQUEST_CONFLICT',
        details: { requestId: 'r1', field },
      })
      expect(await counters()).toEqual([0, 40, 60])
    })

    test('a project that no limit covers is an error, and with a default gets that limit on first use', async () => {
      await expect(budgets.requestTokens(ask())).rejects.toMatchObject({ code: 'BUDGET_NOT_FOUND' })
      const generous = new BudgetController({
        database: database(),
        ...timeOf(clock),
        defaultLimitTokens: 50,
      })
      expect(await generous.state({ tenantId, projectId })).toMatchObject({
        limitTokens: 50,
        availableTokens: 50,
      })
      expect(await generous.requestTokens(ask())).toMatchObject({ status: 'granted' })
      expect(await generous.requestTokens(ask({ requestId: 'r2' }))).toMatchObject({
        status: 'denied',
        availableTokens: 10,
      })
      expect(await counters()).toEqual([0, 40, 10])
    })
  })

  describe('settling', () => {
    beforeEach(async () => {
      await limit(100)
      await budgets.requestTokens(ask())
    })

    test.each([
      ['less than was held returns the rest', { totalTokens: 15 }, 15, 0],
      ['nothing returns all', { totalTokens: 0 }, 0, 0],
      ['more than was held is charged as an overrun', { totalTokens: 130 }, 130, 90],
      ['an unknown usage is settled as the estimate', 'unknown' as const, 40, 0],
    ])('committing %s', async (_title, usage, usedTokens, overrunTokens) => {
      const { reservation, isReplay } = await budgets.commit({ tenantId, requestId: 'r1', usage })
      expect(isReplay).toBe(false)
      expect(reservation).toMatchObject({
        status: 'committed',
        usedTokens,
        overrunTokens,
        usageBasis: usage === 'unknown' ? 'estimate' : 'actual',
        committedAt: clock.now(),
      })
      expect(await counters()).toEqual([usedTokens, 0, 100 - usedTokens])
      expect(await budgets.commit({ tenantId, requestId: 'r1', usage })).toEqual({
        reservation,
        isReplay: true,
      })
      expect(await counters()).toEqual([usedTokens, 0, 100 - usedTokens])
      expect(await budgets.verify({ tenantId, projectId })).toMatchObject({
        isConsistent: true,
        checkedBudgets: 1,
      })
    })

    test('a second commit with another usage, and a release after a commit, are refused', async () => {
      await budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 15 } })
      const usage = { code: 'RESERVATION_SETTLED', details: { field: 'usage', status: 'committed' } }
      await expect(
        budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 16 } }),
      ).rejects.toMatchObject(usage)
      await expect(budgets.commit({ tenantId, requestId: 'r1', usage: 'unknown' })).rejects.toMatchObject(
        usage,
      )
      const status = { code: 'RESERVATION_SETTLED', details: { field: 'status', status: 'committed' } }
      await expect(budgets.release({ tenantId, requestId: 'r1' })).rejects.toMatchObject(status)
      expect(await counters()).toEqual([15, 0, 85])
    })

    test('a release gives the hold back once, and a commit after it is refused', async () => {
      const first = await budgets.release({ tenantId, requestId: 'r1' })
      expect(first).toMatchObject({
        isReplay: false,
        reservation: { status: 'released', releasedAt: clock.now() },
      })
      expect(await budgets.release({ tenantId, requestId: 'r1' })).toMatchObject({ isReplay: true })
      await expect(budgets.commit({ tenantId, requestId: 'r1', usage: 'unknown' })).rejects.toMatchObject({
        code: 'RESERVATION_SETTLED',
        details: { status: 'released', field: 'status' },
      })
      expect(await counters()).toEqual([0, 0, 100])
    })

    test('an id that the tenant does not have is not found, though another tenant has it', async () => {
      const other = randomName('tenant')
      const missing = { code: 'RESERVATION_NOT_FOUND' }
      await expect(budgets.release({ tenantId, requestId: 'r2' })).rejects.toMatchObject(missing)
      await expect(budgets.release({ tenantId: other, requestId: 'r1' })).rejects.toMatchObject(missing)
      await expect(
        budgets.commit({ tenantId: other, requestId: 'r1', usage: 'unknown' }),
      ).rejects.toMatchObject(missing)
      expect(await counters()).toEqual([0, 40, 60])
    })

    test('usage that would pass 2^53 - 1 in a budget is refused and changes nothing', async () => {
      await budgets.requestTokens(ask({ requestId: 'r2' }))
      await budgets.commit({ tenantId, requestId: 'r2', usage: { totalTokens: Number.MAX_SAFE_INTEGER } })
      const usage = { totalTokens: 1 }
      await expect(budgets.commit({ tenantId, requestId: 'r1', usage })).rejects.toMatchObject({
        code: 'TOKENS_OUT_OF_RANGE',
      })
      expect(await budgets.release({ tenantId, requestId: 'r1' })).toMatchObject({
        reservation: { status: 'released' },
      })
      expect((await budgets.verify({ tenantId })).isConsistent).toBe(true)
    })
  })

  describe('expiry', () => {
    beforeEach(async () => {
      await limit(100)
      await budgets.requestTokens(ask({ ttlMs: 1000 }))
    })

    test('a hold lives to its last millisecond, then a sweep gives it back once', async () => {
      await clock.advance(999)
      expect(await budgets.sweepExpired({ tenantId })).toEqual({ expiredCount: 0 })
      await clock.advance(1)
      expect(await budgets.sweepExpired({ tenantId })).toEqual({ expiredCount: 1 })
      expect(await budgets.sweepExpired({ tenantId })).toEqual({ expiredCount: 0 })
      expect(await counters()).toEqual([0, 0, 100])
    })

    test('a sweep does no more than its limit, the oldest first', async () => {
      await budgets.requestTokens(ask({ requestId: 'r2', tokens: 1, ttlMs: 500 }))
      await clock.advance(2000)
      expect(await budgets.sweepExpired({ tenantId, limit: 1 })).toEqual({ expiredCount: 1 })
      expect(await counters()).toEqual([0, 40, 60])
    })

    test('a request is not denied for the sake of a hold whose time has passed', async () => {
      await clock.advance(1000)
      expect(await budgets.requestTokens(ask({ requestId: 'r2', tokens: 100 }))).toMatchObject({
        status: 'granted',
      })
      expect(await counters()).toEqual([0, 100, 0])
    })

    test('an extension is not denied for the sake of a hold whose time has passed', async () => {
      await budgets.requestTokens(ask({ requestId: 'r2', tokens: 10, ttlMs: 2000 }))
      await clock.advance(1000)
      const extension = { tenantId, requestId: 'r2', tokens: 100 }
      expect(await budgets.extend(extension)).toMatchObject({ status: 'extended' })
      expect(await counters()).toEqual([0, 100, 0])
    })

    test('thousands of holds whose time has passed deny nothing; those of other projects stay for the sweeper', async () => {
      await limit(5000)
      await limit(100, { projectId: 'q' })
      await budgets.requestTokens(ask({ requestId: 'other', projectId: 'q', ttlMs: 1 }))
      const ids = Array.from({ length: 4100 }, (_, id) => `n${id}`)
      const asked = ids.map((requestId) => budgets.requestTokens(ask({ requestId, tokens: 1, ttlMs: 10 })))
      await Promise.all(asked)
      await clock.advance(1000)
      const most = { requestId: 'most', tokens: 5000 }
      expect(await budgets.requestTokens(ask(most))).toMatchObject({ status: 'granted' })
      expect([await counters(), await counters({ projectId: 'q' })]).toEqual([
        [0, 5000, 0],
        [0, 40, 60],
      ])
      expect((await budgets.verify({ tenantId })).isConsistent).toBe(true)
    })

    test('a sweep finds its place in a short queue', async () => {
      for (const id of [1, 2, 3, 4]) {
        await budgets.requestTokens(ask({ requestId: `n${id}`, tokens: 1, ttlMs: 10 }))
      }
      await clock.advance(1000)
      const narrow = new BudgetController({ database: database(), ...timeOf(clock), maxQueueLength: 3 })
      expect(await narrow.sweepExpired({ tenantId })).toEqual({ expiredCount: 5 })
    })

    test.each([
      ['swept', true],
      ['not yet swept', false],
    ])('usage after expiry, %s, is charged as late and may overdraw', async (_title, isSwept) => {
      await clock.advance(1000)
      const expiredAt = clock.now()
      if (isSwept) await budgets.sweepExpired({ tenantId })
      await clock.advance(isSwept ? 5 : 0)
      const commit = { tenantId, requestId: 'r1', usage: { totalTokens: 140 } }
      const { reservation } = await budgets.commit(commit)
      expect(reservation).toMatchObject({
        status: 'late',
        usedTokens: 140,
        expiredAt,
        committedAt: clock.now(),
      })
      expect(await budgets.commit(commit)).toEqual({ reservation, isReplay: true })
      expect(await counters()).toEqual([140, 0, -40])
      expect((await budgets.verify({ tenantId })).isConsistent).toBe(true)
    })

    test('a commit after expiry is capped too where overruns are', async () => {
      await clock.advance(1000)
      const capped = { tenantId, usage: { totalTokens: 140 }, overrun: 'cap' } as const
      const late = { reservation: { status: 'late', usedTokens: 40, unchargedTokens: 100 } }
      expect(await budgets.commit({ ...capped, requestId: 'r1' })).toMatchObject(late)
      await budgets.requestTokens(ask({ requestId: 'r2', tokens: 40, ttlMs: 1000 }))
      await clock.advance(1000)
      await budgets.sweepExpired({ tenantId })
      expect(await budgets.commit({ ...capped, requestId: 'r2' })).toMatchObject(late)
      expect(await counters()).toEqual([80, 0, 20])
      expect((await budgets.verify({ tenantId })).isConsistent).toBe(true)
    })

    test('releasing an expired hold answers that it is back already', async () => {
      await clock.advance(1000)
      const first = await budgets.release({ tenantId, requestId: 'r1' })
      expect(first).toMatchObject({ isReplay: false, reservation: { status: 'expired' } })
      expect(await budgets.release({ tenantId, requestId: 'r1' })).toMatchObject({ isReplay: true })
      expect(await counters()).toEqual([0, 0, 100])
    })
  })

  describe('limits', () => {
    test('a limit may fall below what is used: that only denies', async () => {
      expect(await limit(100)).toMatchObject({ previousLimitTokens: undefined, state: { limitTokens: 100 } })
      await budgets.requestTokens(ask())
      expect(await limit(10)).toMatchObject({ previousLimitTokens: 100, state: { availableTokens: -30 } })
      const denied = await budgets.requestTokens(ask({ requestId: 'r2', tokens: 1 }))
      expect(denied).toMatchObject({ status: 'denied', availableTokens: -30, limitTokens: 10 })
      expect((await budgets.verify({ tenantId })).isConsistent).toBe(true)
    })

    test('the view budget_limits shows each project that has a budget', async () => {
      await limit(100)
      await limit(500, {})
      await limit(50, { projectId, taskId: 't' })
      await budgets.requestTokens(ask())
      const { rows } = await database().query('SELECT * FROM budget_limits WHERE tenant_id = $1', [tenantId])
      expect(rows).toEqual([
        {
          tenant_id: tenantId,
          project_id: projectId,
          total_limit: 100n,
          used: 0n,
          reserved: 40n,
          available: 60n,
        },
      ])
    })
  })
}
