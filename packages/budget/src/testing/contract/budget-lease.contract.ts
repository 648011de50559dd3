import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetError } from '../../budget-error.ts'
import type { BudgetLease } from '../../leases/budget-lease.ts'
import { timeOf } from '../time-of.ts'

/** What `withBudget` of a {@link BudgetController} promises, on any database. */
export function budgetLeaseContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let budgets: BudgetController
  let tenantId: string
  let runs: number
  const controller = () => new BudgetController({ database: database(), ...timeOf(clock) })
  const request = () => ({ requestId: 'r1', tenantId, projectId: 'p', tokens: 40, ttlMs: 1000 })
  const key = () => ({ tenantId, requestId: 'r1' })
  const report = async ({ reportUsage }: BudgetLease) => {
    runs++
    reportUsage({ totalTokens: 30 })
    return 'answer'
  }
  const counters = async () => {
    const { usedTokens, reservedTokens } = await budgets.state({ tenantId, projectId: 'p' })
    return [usedTokens, reservedTokens]
  }
  const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])

  describe('a call within its budget', () => {
    beforeEach(async () => {
      clock = new FakeClock()
      tenantId = randomName('tenant')
      runs = 0
      budgets = controller()
      await budgets.setLimit({
        scope: { tenantId, projectId: 'p' },
        limitTokens: 100,
        actor: { id: 'alice', kind: 'human' },
      })
    })

    test('is charged what it reported, and gives what it gave', async () => {
      expect(await budgets.withBudget(request(), report)).toBe('answer')
      expect(await counters()).toEqual([30, 0])
      await isSound()
    })

    test('is not made where there is no room: an error says what is left, and nothing is held', async () => {
      const denied = budgets.withBudget({ ...request(), tokens: 101 }, report)
      await expect(denied).rejects.toMatchObject({
        code: 'BUDGET_EXHAUSTED',
        retryable: false,
        message: 'the budget of the project has no room for 101 tokens: 100 of 100 left',
        details: {
          ...{
            level: 'project',
            unit: 'tokens',
            requestedTokens: 101,
            availableTokens: 100,
            limitTokens: 100,
          },
        },
      })
      expect([runs, await counters()]).toEqual([0, [0, 0]])
    })

    test('is made under the hold that a process left which died before the call', async () => {
      await controller().requestTokens(request())
      expect(await budgets.withBudget(request(), report)).toBe('answer')
      expect([runs, await counters()]).toEqual([1, [30, 0]])
    })

    test('has the time of a hold of its own under one that a process left', async () => {
      await controller().requestTokens(request())
      await clock.advance(800)
      const given = await budgets.withBudget(request(), async ({ reservation, reportUsage, signal }) => {
        expect(reservation.expiresAt).toEqual(new Date(clock.now().getTime() + 1000))
        await clock.advance(400)
        expect(await budgets.sweepExpired({ tenantId })).toEqual({ expiredCount: 0 })
        reportUsage({ totalTokens: 30 })
        return signal.aborted
      })
      expect(given).toBe(false)
      const { reservation } = await budgets.commit({ ...key(), usage: { totalTokens: 30 } })
      expect([reservation.status, await counters()]).toEqual(['committed', [30, 0]])
      await isSound()
    })

    test('is not made under a hold whose time has passed, though nobody swept it yet', async () => {
      await controller().requestTokens(request())
      await clock.advance(1000)
      const again = budgets.withBudget(request(), report)
      await expect(again).rejects.toMatchObject({ code: 'RESERVATION_SETTLED' })
      expect(runs).toBe(0)
    })

    test('is not made a second time under an id that was committed, released or has expired', async () => {
      await budgets.withBudget(request(), report)
      const settled = { code: 'RESERVATION_SETTLED' }
      await expect(controller().withBudget(request(), report)).rejects.toMatchObject(settled)
      await budgets.requestTokens({ ...request(), requestId: 'r2' })
      await budgets.release({ tenantId, requestId: 'r2' })
      await budgets.requestTokens({ ...request(), requestId: 'r3' })
      await clock.advance(1000)
      await budgets.sweepExpired({ tenantId })
      for (const requestId of ['r2', 'r3']) {
        const again = controller().withBudget({ ...request(), requestId }, report)
        await expect(again).rejects.toMatchObject(settled)
      }
      expect([runs, await counters()]).toEqual([1, [30, 0]])
      await isSound()
    })

    test.each([
      ['the same usage is a repetition, charged once', 30, ['answer', 'answer'], 30],
      ['no usage is a repetition, charged as held once', undefined, ['answer', 'answer'], 40],
      ['another usage is refused', 29, ['answer', 'RESERVATION_SETTLED'], 30],
    ] as const)('of two at once under one id: %s', async (_title, later, outcomes, charged) => {
      const [earlier, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const use = ({ reportUsage }: BudgetLease, totalTokens: number | undefined) => {
        if (totalTokens !== undefined) reportUsage({ totalTokens })
        return 'answer'
      }
      const first = budgets.withBudget(request(), async (lease) => {
        await held.promise
        return use(lease, later === undefined ? undefined : 30)
      })
      const second = controller().withBudget(request(), async (lease) => {
        held.resolve()
        await earlier.promise
        return use(lease, later)
      })
      const outcome = second.catch((error: BudgetError) => error.code)
      expect([await first.finally(earlier.resolve), await outcome]).toEqual(outcomes)
      expect(await counters()).toEqual([charged, 0])
      await isSound()
    })

    test('of a process that died after the call is charged by id: in time, or late', async () => {
      for (const [requestId, pauseMs, status] of [
        ['in-time', 10, 'committed'],
        ['late', 2000, 'late'],
      ] as const) {
        await controller().requestTokens({ ...request(), requestId })
        await clock.advance(pauseMs)
        if (status === 'late') await budgets.sweepExpired({ tenantId })
        const order = { tenantId, requestId, usage: { totalTokens: 30 } }
        expect(await controller().commit(order)).toMatchObject({ isReplay: false, reservation: { status } })
        expect(await budgets.commit(order)).toMatchObject({ isReplay: true, reservation: { status } })
      }
      expect(await counters()).toEqual([60, 0])
      await isSound()
    })

    test('keeps its hold however long it streams, and grows it', async () => {
      await budgets.withBudget(request(), async ({ extend, reportUsage }) => {
        for (let turn = 0; turn < 6; turn++) {
          await clock.advance(500)
          while (budgets.queueLength > 0) await new Promise((resolve) => setImmediate(resolve))
          await new Promise((resolve) => setImmediate(resolve))
        }
        expect(await extend({ tokens: 80 })).toMatchObject({ status: 'extended' })
        expect(await extend({ tokens: 101 })).toMatchObject({ status: 'denied' })
        reportUsage({ totalTokens: 75 })
      })
      expect(await counters()).toEqual([75, 0])
      const replay = { reservation: { status: 'committed', overrunTokens: 0 } }
      expect(await budgets.commit({ ...key(), usage: { totalTokens: 75 } })).toMatchObject(replay)
    })

    test('is charged though its caller went away in the midst of it', async () => {
      const leaving = new AbortController()
      const gone = budgets.withBudget(
        request(),
        async ({ reportUsage, signal }) => {
          reportUsage({ totalTokens: 12 })
          leaving.abort(new Error('closed the page'))
          signal.throwIfAborted()
        },
        { signal: leaving.signal },
      )
      await expect(gone).rejects.toThrow('closed the page')
      expect(await counters()).toEqual([12, 0])
    })

    test('that failed without a word is charged its hold, marked as an estimate', async () => {
      const failed = budgets.withBudget(request(), () => Promise.reject(new Error('socket hang up')))
      await expect(failed).rejects.toThrow('socket hang up')
      const { reservation } = await budgets.commit({ ...key(), usage: 'unknown' })
      expect(reservation).toMatchObject({ status: 'committed', usedTokens: 40, usageBasis: 'estimate' })
    })
  })
}
