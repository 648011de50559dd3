import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetScope } from '../../budget-scope.ts'
import type { Money } from '../../pricing/money.ts'
import { timeOf } from '../time-of.ts'

const DAY_MS = 86_400_000
const euros = (micros: number): Money => ({ currency: 'EUR', micros: BigInt(micros) })
const by = { actor: { id: 'alice', kind: 'human' }, reason: 'a slip' } as const

interface Amounts {
  readonly tokens?: number
  readonly cost?: Money
}

/** What a {@link BudgetController} promises of refunds and adjustments. */
export function budgetCorrectionsContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let budgets: BudgetController
  let tenantId: string
  let scope: BudgetScope
  const prepare = (tenant: string, changes: object = {}) =>
    budgets.setLimit({
      ...{
        scope: { tenantId: tenant, projectId: 'p' },
        limitTokens: 1000,
        actor: { id: 'alice', kind: 'human' },
      },
      ...changes,
    })
  const spend = async (requestId: string, tokens: number, cost?: Money) => {
    await budgets.requestTokens({
      ...{ requestId, tenantId, projectId: 'p', tokens },
      ...(cost === undefined ? {} : { cost }),
    })
    await budgets.commit({ tenantId, requestId, usage: { totalTokens: tokens } })
  }
  const refund = (adjustmentId: string, requestId: string, amounts: Amounts, tenant = tenantId) =>
    budgets.refund({ tenantId: tenant, requestId, adjustmentId, ...amounts, ...by })
  const adjust = (adjustmentId: string, amounts: Amounts, where = scope) =>
    budgets.adjust({ scope: where, adjustmentId, ...amounts, ...by })
  const used = async (where = scope) => {
    const { usedTokens, money } = await budgets.state(where)
    return [usedTokens, money?.used.micros]
  }
  const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])
  const written = async () => {
    const { rows } = await database().query(
      `SELECT kind::text, from_account::text AS from, to_account::text AS to, tokens, micros, currency, actor, reason
         FROM budget_transactions WHERE tenant_id = $1 AND adjustment_id IS NOT NULL ORDER BY transaction_id`,
      [tenantId],
    )
    return rows.map((row) => Object.values(row).map(String).join(' '))
  }

  beforeEach(async () => {
    clock = new FakeClock(new Date('2026-03-10T12:00:00.000Z'))
    tenantId = randomName('tenant')
    scope = { tenantId, projectId: 'p' }
    budgets = new BudgetController({ database: database(), ...timeOf(clock) })
    await prepare(tenantId)
  })

  test('an adjustment of money alone goes the way of its sign, and names the currency of the budget', async () => {
    await clock.advance(1000)
    await adjust('a1', { cost: euros(9) })
    await adjust('a2', { cost: euros(-4) })
    expect(await used()).toEqual([0, 5n])
    expect(await written()).toEqual([
      'adjusted available used 0 9 EUR alice a slip',
      'adjusted used available 0 4 EUR alice a slip',
    ])
    const { rows } = await database().query('SELECT currency, updated_at FROM budgets WHERE tenant_id = $1', [
      tenantId,
    ])
    expect(rows).toEqual([{ currency: 'EUR', updated_at: clock.now() }])
    const dollars = adjust('a3', { cost: { currency: 'USD', micros: 1n } })
    await expect(dollars).rejects.toMatchObject({
      code: 'CURRENCY_MISMATCH',
      details: { currencies: ['EUR', 'USD'] },
    })
    await isSound()
  })

  test('an adjustment takes all that was used and no more, of tokens and of money', async () => {
    await adjust('a1', { tokens: 10, cost: euros(10) })
    const tooMuch = { code: 'REFUND_EXCEEDS_USED' }
    await expect(adjust('a2', { tokens: -11, cost: euros(-1) })).rejects.toMatchObject(tooMuch)
    await expect(adjust('a2', { tokens: -1, cost: euros(-11) })).rejects.toMatchObject(tooMuch)
    await adjust('a2', { tokens: -10 })
    await adjust('a3', { cost: euros(-10) })
    expect(await used()).toEqual([0, 0n])
    await isSound()
  })

  test('a reservation gives back all that it was charged and no more, though others were charged as well', async () => {
    for (const requestId of ['r1', 'r2']) await spend(requestId, 40, euros(40))
    await refund('f1', 'r1', { tokens: 30, cost: euros(30) })
    const tooMuch = { code: 'REFUND_EXCEEDS_USED' }
    await expect(refund('f2', 'r1', { tokens: 11, cost: euros(1) })).rejects.toMatchObject(tooMuch)
    await expect(refund('f2', 'r1', { tokens: 1, cost: euros(11) })).rejects.toMatchObject(tooMuch)
    await refund('f2', 'r1', { tokens: 10 })
    await refund('f3', 'r1', { cost: euros(10) })
    expect(await used()).toEqual([40, 40n])
    expect(await written()).toEqual(
      ['30 30', '10 0', '0 10'].map(
        (amounts) => `refunded used available ${amounts} ${amounts === '10 0' ? 'null' : 'EUR'} alice a slip`,
      ),
    )
    await isSound()
  })

  describe('an adjustment id', () => {
    const first: Amounts = { tokens: 5, cost: euros(6) }
    test.each<[string, Amounts]>([
      ['tokens', { ...first, tokens: 4 }],
      ['money', { ...first, cost: euros(5) }],
      ['no money', { tokens: 5 }],
      ['sign', { tokens: -5, cost: euros(-6) }],
    ])('stands for one adjustment: other %s, and it is refused', async (_, other) => {
      expect(await adjust('a1', first)).toEqual({ isReplay: false })
      await expect(adjust('a1', other)).rejects.toMatchObject({ code: 'ADJUSTMENT_CONFLICT' })
      expect(await adjust('a1', first)).toEqual({ isReplay: true })
      expect(await used()).toEqual([5, 6n])
    })

    test('stands for one scope, one reservation, one currency', async () => {
      const conflict = { code: 'ADJUSTMENT_CONFLICT' }
      await adjust('a1', { tokens: 5, cost: euros(0) })
      await expect(adjust('a1', { tokens: 5 })).rejects.toMatchObject(conflict)
      const task = { ...scope, taskId: 't' }
      await budgets.setLimit({ scope: task, limitTokens: 10, actor: { id: 'alice', kind: 'human' } })
      await expect(adjust('a1', { tokens: 5, cost: euros(0) }, task)).rejects.toMatchObject(conflict)
      for (const requestId of ['r1', 'r2']) await spend(requestId, 40)
      await refund('f1', 'r1', { tokens: 5 })
      await expect(refund('f1', 'r2', { tokens: 5 })).rejects.toMatchObject(conflict)
      await expect(adjust('f1', { tokens: -5 })).rejects.toMatchObject(conflict)
      expect(await refund('f1', 'r1', { tokens: 5 })).toEqual({ isReplay: true })
    })

    test('and a request id are those of one tenant', async () => {
      await spend('r1', 40)
      const other = randomName('tenant')
      await prepare(other)
      const missing = { code: 'RESERVATION_NOT_FOUND', details: { requestId: 'r1' } }
      await expect(refund('f1', 'r1', { tokens: 5 }, other)).rejects.toMatchObject(missing)
      await adjust('a1', { tokens: 1 })
      expect(await adjust('a1', { tokens: 2 }, { tenantId: other, projectId: 'p' })).toEqual({
        isReplay: false,
      })
      expect(await used({ tenantId: other, projectId: 'p' })).toEqual([2, undefined])
    })
  })

  test('a scope that no budget covers cannot be adjusted', async () => {
    const nowhere = adjust('a1', { tokens: 1 }, { tenantId: randomName('tenant'), projectId: 'p' })
    await expect(nowhere).rejects.toMatchObject({
      code: 'BUDGET_NOT_FOUND',
      details: { scope: { projectId: 'p' } },
    })
  })

  test('late usage can be refunded; what was released or has expired cannot', async () => {
    for (const requestId of ['released', 'expired', 'late']) {
      await budgets.requestTokens({ requestId, tenantId, projectId: 'p', tokens: 10, ttlMs: 1000 })
    }
    await budgets.release({ tenantId, requestId: 'released' })
    await clock.advance(1000)
    await budgets.commit({ tenantId, requestId: 'late', usage: { totalTokens: 8 } })
    expect(await budgets.sweepExpired({ tenantId })).toEqual({ expiredCount: 1 })
    for (const requestId of ['released', 'expired']) {
      const refused = refund('f1', requestId, { tokens: 1 })
      await expect(refused).rejects.toMatchObject({ code: 'RESERVATION_SETTLED', details: { requestId } })
    }
    expect(await refund('f1', 'late', { tokens: 8 })).toEqual({ isReplay: false })
    expect(await used()).toEqual([0, undefined])
  })

  test('what comes at the end of a period belongs to the next, at those levels whose period is over', async () => {
    await budgets.setLimit({ scope: { tenantId }, limitTokens: 1000, actor: { id: 'alice', kind: 'human' } })
    await prepare(tenantId, { period: { kind: 'day', timeZone: 'UTC' } })
    await adjust('a1', { tokens: 30 })
    await clock.advance(DAY_MS / 2)
    await adjust('a2', { tokens: 5 })
    expect([await used(), await used({ tenantId })]).toEqual([
      [5, undefined],
      [35, undefined],
    ])
    await isSound()
  })
}
