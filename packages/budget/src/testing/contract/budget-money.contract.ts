import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import { type Money, money } from '../../pricing/money.ts'
import { createPriceTable, type PriceTable } from '../../pricing/price-table.ts'
import { timeOf } from '../time-of.ts'

/** A log that can take no line: it has no say in what is charged. */
const FULL: Logger = new Proxy({} as Logger, {
  get: () => () => {
    throw new Error('the disk is full')
  },
})

const dollars = (micros: number): Money => money('USD', BigInt(micros))

/** What a {@link BudgetController} promises of money on any database. */
export function budgetMoneyContract(database: () => SqlDatabase): void {
  const clock = new FakeClock(new Date('2026-03-10T12:00:00.000Z'))
  // 2 micro-dollars for each token of input, 10 for each of output.
  const prices = createPriceTable({
    version: '1',
    effectiveFrom: new Date('2026-01-01T00:00:00.000Z'),
    currency: 'USD',
    models: { small: { input: 2_000_000, output: 10_000_000, cachedRead: 500_000 } },
  })
  let budgets: BudgetController
  let tenantId: string
  const projectId = 'p'
  const limit = (changes: object, scope: object = { projectId }) =>
    budgets.setLimit({ scope: { tenantId, ...scope }, actor: { id: 'alice', kind: 'human' }, ...changes })
  const call = (requestId: string, changes: object = {}) =>
    budgets.requestTokens({
      ...{ requestId, tenantId, projectId, model: 'small', inputTokens: 100, maxOutputTokens: 50 },
      ...changes,
    })
  const moneyOf = async (scope: object = { projectId }) => {
    const { money: state } = await budgets.state({ tenantId, ...scope })
    return [state?.used.micros, state?.reserved.micros, state?.available?.micros]
  }
  const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])

  beforeEach(() => {
    tenantId = randomName('tenant')
    budgets = new BudgetController({
      database: database(),
      ...timeOf(clock),
      prices,
      outbox: new SqlEventOutbox(),
    })
  })

  test('a priced call holds what it can cost and is charged what it did cost, tokens and money alike', async () => {
    await limit({ limitTokens: 1000, limitMoney: dollars(1000) })
    expect(await call('r1')).toMatchObject({
      status: 'granted',
      reservation: { tokens: 150, cost: dollars(700), model: 'small' },
    })
    expect(await moneyOf()).toEqual([0n, 700n, 300n])
    const usage = { inputTokens: 100, cachedReadTokens: 60, outputTokens: 20 }
    const { reservation } = await budgets.commit({ tenantId, requestId: 'r1', usage })
    expect(reservation).toMatchObject({ usedTokens: 120, usedCost: dollars(310), usageBasis: 'actual' })
    expect(await moneyOf()).toEqual([310n, 0n, 690n])
    expect(await budgets.commit({ tenantId, requestId: 'r1', usage })).toEqual({
      reservation,
      isReplay: true,
    })
    await isSound()
  })

  test('a process that did not make the hold prices its usage all the same', async () => {
    await limit({ limitMoney: dollars(1000) })
    await call('r1')
    const other = new BudgetController({ database: database(), ...timeOf(clock), prices })
    const usage = { inputTokens: 10, outputTokens: 1 }
    const { reservation } = await other.commit({ tenantId, requestId: 'r1', usage })
    expect(reservation).toMatchObject({ usedTokens: 11, usedCost: dollars(30) })
  })

  test('usage that is not fully known settles as what was held', async () => {
    await limit({ limitMoney: dollars(1000) })
    await call('r1')
    const { reservation } = await budgets.commit({
      tenantId,
      requestId: 'r1',
      usage: { inputTokens: 10, outputTokens: undefined },
    })
    expect(reservation).toMatchObject({ usedTokens: 150, usedCost: dollars(700), usageBasis: 'estimate' })
  })

  test('money denies where tokens would not, and says so; a call that costs nothing is never denied for money', async () => {
    await limit({ limitMoney: dollars(700) })
    await limit({ limitTokens: 10_000 }, {})
    await call('r1')
    expect(await call('r2')).toMatchObject({
      status: 'denied',
      level: 'project',
      unit: 'money',
      requestedMoney: dollars(700),
      availableMoney: dollars(0),
      limitMoney: dollars(700),
      limitTokens: null,
    })
    const dear = {
      requestId: 'r2',
      tenantId,
      projectId,
      model: 'small',
      inputTokens: 100,
      maxOutputTokens: 50,
    }
    const exhausted = await budgets.withBudget(dear, async () => 'answer').catch((error: unknown) => error)
    expect(exhausted).toMatchObject({
      message:
        'the budget of the project has no room for 0.0007 USD (150 tokens): 0.00 USD of 0.0007 USD left',
      details: {
        ...{ unit: 'money', availableMoney: '0.00 USD', limitMoney: '0.0007 USD' },
        ...{ requestedTokens: 150, requestedMoney: '0.0007 USD' },
      },
    })
    const free = { requestId: 'r3', tenantId, projectId, tokens: 5, cost: dollars(0) }
    expect(await budgets.requestTokens(free)).toMatchObject({ status: 'granted' })
    await isSound()
  })

  test('more money than was held is charged as an overrun, and the soft limit of money is told', async () => {
    const heard: number[] = []
    budgets.on('budget.softLimitReached', ({ percent }) => heard.push(percent))
    await limit({ limitMoney: dollars(1000), softLimitPercents: [80] })
    await call('r1')
    const usage = { totalTokens: 150, cost: dollars(900) }
    const { reservation } = await budgets.commit({ tenantId, requestId: 'r1', usage })
    expect(reservation).toMatchObject({ usedTokens: 150, usedCost: dollars(900), overrunTokens: 0 })
    expect(await moneyOf()).toEqual([900n, 0n, 100n])
    expect(heard).toEqual([80])
    await isSound()
  })

  test.each([
    ['with its tokens', 100, { usedTokens: 100, usageBasis: 'actual' }],
    ['without them', undefined, { usedTokens: 150, usageBasis: 'estimate' }],
  ] as const)(
    'where overruns are capped, money %s is charged up to the hold: alone, with others, late and expired',
    async (_, totalTokens, used) => {
      const hour = 3_600_000
      const capping = new FakeClock(clock.now())
      budgets = new BudgetController({ database: database(), ...timeOf(capping), prices, overrun: 'cap' })
      await limit({ limitMoney: dollars(10_000) })
      const usage = { totalTokens, cost: dollars(900) }
      const commit = (requestId: string) => budgets.commit({ tenantId, requestId, usage })
      const charged = { isReplay: false, reservation: { ...used, usedCost: dollars(700) } }
      for (const requestId of ['alone', 'one', 'two', 'due', 'swept']) await call(requestId)
      expect(await commit('alone')).toMatchObject(charged)
      expect(await Promise.all([commit('one'), commit('two')])).toMatchObject([charged, charged])
      await capping.advance(hour)
      expect(await commit('due')).toMatchObject(charged)
      await budgets.sweepExpired({ tenantId })
      expect(await commit('swept')).toMatchObject(charged)
      expect(await commit('alone')).toMatchObject({ ...charged, isReplay: true })
      expect(await moneyOf()).toEqual([3500n, 0n, 6500n])
      await isSound()
    },
  )

  test('a budget without a money limit counts in the currency that comes first, and in no other', async () => {
    await limit({ limitTokens: 1000 })
    await call('r1')
    expect(await moneyOf()).toEqual([0n, 700n, undefined])
    const euros = { requestId: 'r2', tenantId, projectId, tokens: 1, cost: money('EUR', 1n) }
    await expect(budgets.requestTokens(euros)).rejects.toMatchObject({
      code: 'CURRENCY_MISMATCH',
      details: { currencies: ['USD', 'EUR'] },
    })
    await expect(limit({ limitMoney: money('EUR', 5n) })).rejects.toMatchObject({
      code: 'CURRENCY_MISMATCH',
      details: { currencies: ['USD', 'EUR'] },
    })
    const commit = budgets.commit({
      ...{ tenantId, requestId: 'r1' },
      usage: { totalTokens: 1, cost: money('EUR', 1n) },
    })
    await expect(commit).rejects.toMatchObject({
      code: 'CURRENCY_MISMATCH',
      details: { currencies: ['USD', 'EUR'] },
    })
    await isSound()
  })

  test('the first money fixes the currency of every level, whichever of them had one', async () => {
    await limit({ limitTokens: 1000 }, {})
    await limit({ limitMoney: dollars(1) })
    await limit({ limitTokens: 1000 }, { projectId: 'q' })
    // What was denied has fixed nothing, though its budgets are known by now.
    expect(await call('r0', { inputTokens: 1, maxOutputTokens: 1 })).toMatchObject({ status: 'denied' })
    await limit({ limitMoney: dollars(1000) })
    for (const requestId of ['r0', 'r1', 'r2']) await call(requestId, { inputTokens: 1, maxOutputTokens: 1 })
    expect(await moneyOf({})).toEqual([0n, 36n, undefined])
    const euros = { requestId: 'r9', tenantId, projectId: 'q', tokens: 1, cost: money('EUR', 1n) }
    await expect(budgets.requestTokens(euros)).rejects.toMatchObject({
      code: 'CURRENCY_MISMATCH',
      details: { currencies: ['USD', 'EUR'] },
    })
    await isSound()
  })

  describe('the currency of a budget is never another one', () => {
    const currencies = async () => {
      const { rows } = await database().query<{ currency: string | null }>(
        'SELECT currency FROM budgets WHERE tenant_id = $1',
        [tenantId],
      )
      return rows.map(({ currency }) => currency)
    }

    beforeEach(async () => {
      await limit({ limitTokens: 1000, limitMoney: dollars(2000) })
    })

    test.each<[string, object]>([
      ['its tokens', { limitTokens: 900 }],
      ['its money', { limitMoney: dollars(5) }],
      ['no money any more', { limitMoney: null }],
      ['its warnings', { softLimitPercents: [50] }],
      ['its period', { period: { kind: 'day', timeZone: 'UTC' } }],
    ])('whatever is configured anew: %s', async (_, changes) => {
      await limit(changes)
      expect(await currencies()).toEqual(['USD'])
      await expect(limit({ limitMoney: money('EUR', 5n) })).rejects.toMatchObject({
        code: 'CURRENCY_MISMATCH',
      })
      expect(await currencies()).toEqual(['USD'])
    })

    test('whatever is settled or corrected: neither use in no currency nor in another changes it', async () => {
      await call('r1')
      await call('r2')
      await budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 150 } })
      const usage = { totalTokens: 1, cost: money('EUR', 1n) }
      const foreign = { code: 'CURRENCY_MISMATCH', details: { currencies: ['USD', 'EUR'] } }
      await expect(budgets.commit({ tenantId, requestId: 'r2', usage })).rejects.toMatchObject(foreign)
      await budgets.release({ tenantId, requestId: 'r2' })
      const slip = { actor: { id: 'alice', kind: 'human' }, reason: 'a slip' } as const
      const scope = { tenantId, projectId }
      await budgets.adjust({ scope, adjustmentId: 'a1', tokens: 1, ...slip })
      await budgets.refund({ tenantId, requestId: 'r1', adjustmentId: 'f1', tokens: 1, ...slip })
      const cost = money('EUR', 1n)
      await expect(budgets.adjust({ scope, adjustmentId: 'a2', cost, ...slip })).rejects.toMatchObject(
        foreign,
      )
      expect(await currencies()).toEqual(['USD'])
      await isSound()
    })

    test('nor does the database take one that comes beside other settings', async () => {
      await database().query(
        `SELECT budget_set_limit($1, $2, $3, '', '', false, true, 7, false, NULL, 'EUR', false, NULL, NULL, NULL, NULL, NULL,
                                 NULL, 'alice', NULL)`,
        [clock.now(), tenantId, projectId],
      )
      expect(await currencies()).toEqual(['USD'])
      expect((await budgets.state({ tenantId, projectId })).limitTokens).toBe(7)
    })
  })

  describe('an amount of nothing', () => {
    const euros = (micros: number): Money => money('EUR', BigInt(micros))
    const foreign = { code: 'CURRENCY_MISMATCH' }
    const ask = (requestId: string, cost: Money) =>
      budgets.requestTokens({ requestId, tenantId, projectId, tokens: 1, cost })
    const charge = (requestId: string, cost: Money, changes: object = {}) =>
      budgets.commit({ tenantId, requestId, usage: { totalTokens: 1, cost }, ...changes })
    const release = (requestId: string) => budgets.release({ tenantId, requestId })
    const slip = { actor: { id: 'alice', kind: 'human' }, reason: 'a slip' } as const

    beforeEach(async () => {
      await limit({ limitTokens: 1000 })
      await limit({ limitTokens: 1000 }, {})
    })

    test.each<[string, () => Promise<unknown>]>([
      ['held and given back', () => ask('r1', euros(0)).then(() => release('r1'))],
      ['held and charged', () => ask('r1', euros(0)).then(() => charge('r1', euros(0)))],
      ['held again', () => ask('r1', euros(0)).then(() => ask('r2', euros(0)))],
      ['held with another', () => Promise.all([ask('r1', euros(0)), ask('r2', euros(0))])],
      ['held beside money', () => Promise.all([ask('r1', euros(0)), ask('r2', dollars(5))])],
      [
        'held more of',
        () => ask('r1', euros(0)).then(() => budgets.extend({ tenantId, requestId: 'r1', cost: euros(0) })),
      ],
      [
        'corrected',
        () =>
          budgets.adjust({
            scope: { tenantId, projectId },
            adjustmentId: 'a1',
            tokens: 1,
            cost: euros(0),
            ...slip,
          }),
      ],
    ])('%s gives no budget its currency', async (_, move) => {
      await move()
      await limit({ limitMoney: dollars(1000) })
      expect(await ask('r9', dollars(7))).toMatchObject({ status: 'granted' })
      await expect(ask('r10', euros(0))).rejects.toMatchObject(foreign)
      await isSound()
    })

    test('that is held and then costs money gives its currency: alone, with others, late and expired', async () => {
      const own = new FakeClock(clock.now())
      budgets = new BudgetController({ database: database(), ...timeOf(own), prices })
      const projects = ['alone', 'together', 'due', 'swept', 'grown']
      for (const one of projects) {
        await limit({ limitTokens: 1000 }, { projectId: one })
        await budgets.requestTokens({ requestId: one, tenantId, projectId: one, tokens: 1, cost: euros(0) })
      }
      await ask('other', euros(0))
      expect(await charge('alone', euros(9))).toMatchObject({ reservation: { usedCost: euros(9) } })
      await Promise.all([charge('together', euros(9)), release('other')])
      await budgets.extend({ tenantId, requestId: 'grown', cost: euros(9) })
      expect(await moneyOf({ projectId: 'grown' })).toEqual([0n, 9n, undefined])
      await charge('grown', euros(9))
      await own.advance(3_600_000)
      await charge('due', euros(9))
      await budgets.sweepExpired({ tenantId })
      await charge('swept', euros(9))
      for (const one of projects) expect(await moneyOf({ projectId: one })).toEqual([9n, 0n, undefined])
      expect(await moneyOf({})).toEqual([45n, 0n, undefined])
      await expect(limit({ limitMoney: dollars(1) }, {})).rejects.toMatchObject(foreign)
      await isSound()
    })

    test('that is held costs no money where that of another currency came meanwhile', async () => {
      for (const requestId of ['r1', 'r2', 'r3', 'r4']) await ask(requestId, euros(0))
      await ask('dollars', dollars(5))
      await expect(charge('r1', euros(9))).rejects.toMatchObject(foreign)
      const both = [charge('r1', euros(9)), charge('dollars', dollars(5))]
      expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
      const more = budgets.extend({ tenantId, requestId: 'r1', cost: euros(9) })
      await expect(more).rejects.toMatchObject({ ...foreign, details: { currencies: ['USD', 'EUR'] } })
      expect(await moneyOf()).toEqual([5n, 0n, undefined])
      const free = { reservation: { usedTokens: 1, usedCost: euros(0) } }
      expect(await charge('r1', euros(0))).toMatchObject(free)
      expect(await charge('r2', euros(9), { overrun: 'cap' })).toMatchObject(free)
      await release('r3')
      expect(await moneyOf()).toEqual([5n, 0n, undefined])
      await isSound()
    })

    test('of two that are held in two currencies and cost money together, the first is charged', async () => {
      for (const [requestId, cost] of [
        ['r1', euros(0)],
        ['r2', dollars(0)],
      ] as const)
        await ask(requestId, cost)
      const both = await Promise.allSettled([charge('r1', euros(9)), charge('r2', dollars(9))])
      expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
      expect(await moneyOf()).toEqual([9n, 0n, undefined])
      await expect(ask('r3', dollars(1))).rejects.toMatchObject(foreign)
      await isSound()
    })
  })

  test('money that was held and given back has given its currency all the same', async () => {
    await limit({ limitTokens: 1000 })
    await budgets.requestTokens({ requestId: 'r1', tenantId, projectId, tokens: 1, cost: dollars(1) })
    await budgets.release({ tenantId, requestId: 'r1' })
    await expect(limit({ limitMoney: money('EUR', 5n) })).rejects.toMatchObject({ code: 'CURRENCY_MISMATCH' })
  })

  test('of two currencies that come first together, one is refused', async () => {
    await limit({ limitTokens: 1000 })
    const settled = await Promise.allSettled(
      ['USD', 'EUR', 'USD'].map((currency, index) =>
        budgets.requestTokens({
          ...{ requestId: `r${index}`, tenantId, projectId, tokens: 1, cost: money(currency, 1n) },
        }),
      ),
    )
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await isSound()
  })

  test('a request repeated after the prices changed is the same request, and is told apart by its tokens as ever', async () => {
    const dearer = createPriceTable({
      version: '2',
      effectiveFrom: new Date('2026-03-10T13:00:00.000Z'),
      currency: 'USD',
      models: { small: { input: 4_000_000, output: 20_000_000 } },
    })
    const later = new FakeClock(new Date('2026-03-10T14:00:00.000Z'))
    await limit({ limitMoney: dollars(1000) })
    await call('r1')
    budgets = new BudgetController({ database: database(), ...timeOf(later), prices: [prices, dearer] })
    const replay = { isReplay: true, reservation: { cost: dollars(700) } }
    expect(await call('r1')).toMatchObject(replay)
    const conflict = { code: 'REQUEST_CONFLICT', details: { field: 'cost' } }
    await expect(call('r1', { inputTokens: 99, maxOutputTokens: 51 })).rejects.toMatchObject(conflict)
    expect(await moneyOf()).toEqual([0n, 700n, 300n])
    await budgets.commit({ tenantId, requestId: 'r1', usage: { inputTokens: 100, outputTokens: 20 } })
    expect(await call('r1')).toMatchObject({ isReplay: true, reservation: { status: 'late' } })
    await isSound()
  })

  describe('prices that change while a call is under way', () => {
    const usage = { inputTokens: 100, outputTokens: 20 }
    const table = (version: string, startsInMs: number, rate: number, changes: object = {}) =>
      createPriceTable({
        version,
        effectiveFrom: new Date(clock.now().getTime() + startsInMs),
        currency: 'USD',
        models: { small: { input: rate, output: rate } },
        ...changes,
      })
    /** Commits a minute later in another process, or in this one after a new start: it remembers no hold. */
    const charged = async (...tables: readonly PriceTable[]) => {
      const around = { database: database(), ...timeOf(clock), logger: FULL }
      const other = new BudgetController({ ...around, prices: tables })
      await clock.advance(60_000)
      const { reservation } = await other.commit({ tenantId, requestId: 'r1', usage })
      await isSound()
      return reservation
    }

    beforeEach(async () => {
      await limit({ limitMoney: dollars(100_000) })
      await call('r1')
    })

    test('it costs what it cost when it was held', async () => {
      const reservation = await charged(prices, table('2', 30_000, 9_000_000))
      expect(reservation).toMatchObject({ status: 'committed', usedCost: dollars(400) })
    })

    test('a model that was taken off the list is charged by the prices of its hold', async () => {
      const reservation = await charged(prices, table('2', 30_000, 9_000_000, { models: {} }))
      expect(reservation).toMatchObject({ status: 'committed', usedCost: dollars(400), usedTokens: 120 })
    })

    test('where the prices of its hold are gone, those in force now serve', async () => {
      expect(await charged(table('2', 30_000, 3_000_000))).toMatchObject({ usedCost: dollars(360) })
    })

    test.each([
      ['knows its model', -1000, { models: {} }],
      ['is in force', 600_000, {}],
      ['is in its currency', -1000, { currency: 'EUR' }],
    ])(
      'where no table %s, its tokens are charged as reported and its money as held',
      async (_what, ms, changes) => {
        expect(await charged(table('2', ms, 9_000_000, changes))).toMatchObject({
          status: 'committed',
          usedTokens: 120,
          usedCost: dollars(700),
        })
        // The same report where the prices are known is a repetition.
        const again = await budgets.commit({ tenantId, requestId: 'r1', usage })
        expect(again).toMatchObject({ isReplay: true, reservation: { usedCost: dollars(700) } })
      },
    )
  })

  describe('refusals', () => {
    test('a request that says no cost is refused where money is limited', async () => {
      await limit({ limitMoney: dollars(1000) })
      const request = budgets.requestTokens({ requestId: 'r1', tenantId, projectId, tokens: 1 })
      await expect(request).rejects.toMatchObject({ code: 'PRICE_REQUIRED' })
    })

    test('a request that says no cost is refused from then on that money is limited', async () => {
      const ask = (requestId: string) => budgets.requestTokens({ requestId, tenantId, projectId, tokens: 1 })
      await limit({ limitTokens: 1000 })
      for (const requestId of ['r1', 'r2']) expect(await ask(requestId)).toMatchObject({ status: 'granted' })
      await limit({ limitMoney: dollars(1000) })
      await expect(ask('r3')).rejects.toMatchObject({ code: 'PRICE_REQUIRED' })
    })

    test('an unknown model is refused before anything is held', async () => {
      await limit({ limitMoney: dollars(1000) })
      await expect(call('r1', { model: 'large' })).rejects.toMatchObject({
        code: 'UNKNOWN_MODEL',
        details: { model: 'large' },
      })
      expect(await moneyOf()).toEqual([0n, 0n, 1000n])
    })

    test.each([
      ['model', { model: 'medium', inputTokens: 100 }],
      ['cost', { inputTokens: 99, maxOutputTokens: 51 }],
    ])('the same id with another %s is a conflict', async (field, changes) => {
      const table = createPriceTable({
        version: '2',
        effectiveFrom: prices.effectiveFrom,
        currency: 'USD',
        models: {},
        default: { input: 2_000_000, output: 10_000_000 },
      })
      budgets = new BudgetController({ database: database(), ...timeOf(clock), prices: table })
      await limit({ limitMoney: dollars(10_000) })
      await call('r1')
      await expect(call('r1', changes)).rejects.toMatchObject({
        code: 'REQUEST_CONFLICT',
        details: { field },
      })
    })
  })

  test('money that a request was denied again and again is kept for it from smaller ones', async () => {
    budgets = new BudgetController({ database: database(), ...timeOf(clock), laneCount: 1 })
    await limit({ limitMoney: dollars(100) })
    const ask = (requestId: string, micros: number) =>
      budgets.requestTokens({ requestId, tenantId, projectId, tokens: 1, cost: dollars(micros) })
    await ask('r0', 60)
    for (let denials = 0; denials < 3; denials++) await ask('large', 50)
    const both = await Promise.all([ask('small', 30), ask('large', 50)])
    expect(both).toMatchObject([{ status: 'denied', unit: 'money' }, { status: 'denied' }])
  })

  test('a refund of money goes back to every level', async () => {
    await limit({ limitMoney: dollars(1000) })
    await limit({ limitMoney: dollars(5000) }, {})
    await call('r1')
    await budgets.commit({ tenantId, requestId: 'r1', usage: 'unknown' })
    const refund = {
      tenantId,
      requestId: 'r1',
      adjustmentId: 'f1',
      actor: { id: 'alice', kind: 'human' },
      reason: 'a credit',
    } as const
    await budgets.refund({ ...refund, cost: dollars(200) })
    expect([await moneyOf(), await moneyOf({})]).toEqual([
      [500n, 0n, 500n],
      [500n, 0n, 4500n],
    ])
    await isSound()
  })

  test('a hold of money grows where there is room', async () => {
    await limit({ limitMoney: dollars(1000) })
    await call('r1')
    const extension = { tenantId, requestId: 'r1' }
    expect(await budgets.extend({ ...extension, cost: dollars(900) })).toMatchObject({ status: 'extended' })
    expect(await budgets.extend({ ...extension, cost: dollars(1001) })).toMatchObject({
      status: 'denied',
      unit: 'money',
    })
    expect(await moneyOf()).toEqual([0n, 900n, 100n])
    await isSound()
  })
}
