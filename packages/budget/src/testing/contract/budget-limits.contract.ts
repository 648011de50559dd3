import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LimitOrder } from '../../budget-calls.ts'
import { BudgetController } from '../../budget-controller.ts'
import type { BudgetScope } from '../../budget-scope.ts'
import type { Money } from '../../pricing/money.ts'
import { timeOf } from '../time-of.ts'

const DAY_MS = 86_400_000
const DAILY = { kind: 'day', timeZone: 'UTC' } as const
const euros = (micros: number): Money => ({ currency: 'EUR', micros: BigInt(micros) })

/** What a {@link BudgetController} promises of limits that change, of periods that begin and of what is told of both. */
export function budgetLimitsContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let budgets: BudgetController
  let tenantId: string
  let scope: BudgetScope
  const limit = (changes: Partial<LimitOrder>) =>
    budgets.setLimit({ scope, actor: { id: 'alice', kind: 'human' }, ...changes })
  const hold = (requestId: string, tokens: number, micros?: number) =>
    budgets.requestTokens({
      ...{ requestId, tenantId, projectId: 'p', tokens },
      ...(micros === undefined ? {} : { cost: euros(micros) }),
    })
  const spend = async (requestId: string, tokens: number, micros?: number) => {
    expect((await hold(requestId, tokens, micros)).status).toBe('granted')
    await budgets.commit({ tenantId, requestId, usage: { totalTokens: tokens } })
  }
  const adjust = (adjustmentId: string, amounts: { readonly tokens?: number; readonly cost?: Money }) =>
    budgets.adjust({
      scope,
      adjustmentId,
      ...amounts,
      actor: { id: 'alice', kind: 'human' },
      reason: 'a slip',
    })
  const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])
  const movements = async (kinds: readonly string[]) => {
    const { rows } = await database().query(
      `SELECT kind::text, from_account::text AS from, to_account::text AS to, tokens, micros, currency
         FROM budget_transactions WHERE tenant_id = $1 AND kind::text = ANY ($2::text[]) ORDER BY transaction_id`,
      [tenantId, kinds],
    )
    return rows.map((row) => Object.values(row).map(String).join(' '))
  }
  const column = async (name: 'limit_version' | 'updated_at' | 'soft_limit_reached') => {
    const { rows } = await database().query(
      `SELECT ${name} AS value FROM budgets WHERE tenant_id = $1 ORDER BY budget_id`,
      [tenantId],
    )
    return rows.map((row) => Reflect.get(row, 'value'))
  }
  const hear = (type: 'budget.softLimitReached' | 'budget.exhausted') => {
    const heard: unknown[] = []
    budgets.on(type, (data) => heard.push('percent' in data ? data.percent : data.limitVersion))
    return heard
  }

  beforeEach(() => {
    clock = new FakeClock(new Date('2026-03-10T12:00:00.000Z'))
    tenantId = randomName('tenant')
    scope = { tenantId, projectId: 'p' }
    budgets = new BudgetController({ database: database(), ...timeOf(clock) })
  })

  describe('what is not set of a limit stays as it is', () => {
    beforeEach(async () => {
      await limit({ limitTokens: 1000, limitMoney: euros(500), softLimitPercents: [50], period: DAILY })
    })

    test.each<[string, Partial<LimitOrder>, object, readonly string[]]>([
      ['tokens alone', { limitTokens: 900 }, { limitTokens: 900 }, ['withdrawn available source 100 0 EUR']],
      [
        'money alone',
        { limitMoney: euros(600) },
        { money: { limit: euros(600) } },
        ['granted source available 0 100 EUR'],
      ],
      [
        'both, one up, one down',
        { limitTokens: 1100, limitMoney: euros(300) },
        { limitTokens: 1100, money: { limit: euros(300) } },
        ['granted source available 100 0 EUR', 'withdrawn available source 0 200 EUR'],
      ],
      [
        'no tokens any more',
        { limitTokens: null },
        { limitTokens: null },
        ['withdrawn available source 1000 0 EUR'],
      ],
      [
        'no money any more',
        { limitMoney: null },
        { money: { limit: null } },
        ['withdrawn available source 0 500 EUR'],
      ],
      ['warnings alone', { softLimitPercents: [70] }, { softLimitPercents: [70] }, []],
      ['the period alone', { period: { kind: 'none' } }, { periodSettings: { kind: 'none' } }, []],
    ])('%s', async (_, changes, changed, written) => {
      const before = {
        ...{ limitTokens: 1000, softLimitPercents: [50], periodSettings: DAILY },
        money: { limit: euros(500) },
      }
      const { state, previousLimitTokens, previousLimitMoney } = await limit(changes)
      expect(state).toMatchObject({ ...before, ...changed })
      expect([previousLimitTokens, previousLimitMoney]).toEqual([1000, euros(500)])
      expect(await movements(['granted', 'withdrawn'])).toEqual([
        'granted source available 1000 500 EUR',
        ...written,
      ])
      await isSound()
    })
  })

  test('a limit has a new version where it changes, not where something else does', async () => {
    const changes: Partial<LimitOrder>[] = [
      { softLimitPercents: [50] },
      { softLimitPercents: [60] },
      { limitTokens: 10 },
      { limitTokens: 10 },
      { limitMoney: euros(10) },
      { period: DAILY },
    ]
    const versions: unknown[] = []
    for (const change of changes) {
      await clock.advance(1000)
      await limit(change)
      versions.push(...(await column('limit_version')))
      expect(await column('updated_at')).toEqual([clock.now()])
    }
    expect(versions).toEqual([1n, 1n, 2n, 2n, 3n, 3n])
  })

  test('exhaustion is told anew after a change of the limit, of money as of tokens, and of nothing else', async () => {
    await limit({ limitTokens: 10, limitMoney: euros(10) })
    const heard = hear('budget.exhausted')
    const changes: Partial<LimitOrder>[] = [
      {},
      { softLimitPercents: [50] },
      { limitTokens: 11 },
      { limitMoney: euros(11) },
    ]
    for (const [index, change] of changes.entries()) {
      if (index > 0) await limit(change)
      expect((await hold(`r${index}`, 99, 1)).status).toBe('denied')
    }
    expect(heard).toEqual([1, 2, 3])
  })

  test.each<[string, Partial<LimitOrder>, Partial<LimitOrder>]>([
    ['tokens', { limitTokens: 0 }, { limitTokens: null }],
    ['money', { limitMoney: euros(0) }, { limitMoney: null }],
  ])('no limit and one of nothing are two, of %s: a stop is told anew after none', async (_, none, any) => {
    const heard = hear('budget.exhausted')
    const versions: unknown[] = []
    for (const [index, change] of [none, none, any, any, none].entries()) {
      await limit(change)
      versions.push(...(await column('limit_version')))
      expect((await hold(`r${index}`, 1, 1)).status).toBe(change === none ? 'denied' : 'granted')
    }
    expect([versions, heard]).toEqual([
      [1n, 1n, 2n, 2n, 3n],
      [1, 3],
    ])
    await isSound()
  })

  test('a period set at the very end of the one before begins with nothing used', async () => {
    const { period } = (await limit({ limitTokens: 100, period: DAILY })).state
    expect(period).toEqual({ startsAt: new Date('2026-03-10'), endsAt: new Date('2026-03-11') })
    await spend('r1', 40)
    await clock.advance(DAY_MS / 2)
    const { state } = await limit({ period: { kind: 'rolling', lengthMs: DAY_MS } })
    expect(state).toMatchObject({ usedTokens: 0, period: { startsAt: clock.now() } })
    expect(await movements(['reset'])).toEqual(['reset used available 40 0 null'])
    await isSound()
  })

  test.each([
    ['tokens and money', { tokens: 40, cost: euros(7) }, ['reset used available 40 7 EUR']],
    ['money alone', { cost: euros(7) }, ['reset used available 0 7 EUR']],
    ['tokens alone', { tokens: 40 }, ['reset used available 40 0 EUR']],
    ['nothing', undefined, []],
  ])(
    'a period that ends with %s used is written down so, and the next begins with nothing',
    async (_, used, written) => {
      await limit({ limitTokens: 40, limitMoney: euros(7), softLimitPercents: [50], period: DAILY })
      const heard = hear('budget.softLimitReached')
      if (used !== undefined) await adjust('a1', used)
      const told = used === undefined ? [] : [50]
      expect(heard).toEqual(told)
      await clock.advance(DAY_MS / 2)
      await hold('r1', 1, 1)
      expect(await movements(['reset'])).toEqual(written)
      expect(await budgets.state(scope)).toMatchObject({
        ...{ usedTokens: 0, reservedTokens: 1, money: { used: euros(0) } },
        period: { startsAt: new Date('2026-03-11'), endsAt: new Date('2026-03-12') },
      })
      expect(await column('soft_limit_reached')).toEqual([0])
      await adjust('a2', { tokens: 30 })
      expect(heard).toEqual([...told, 50])
      await isSound()
    },
  )

  describe('what comes at the very end of a period counts in the next', () => {
    const ask = (requestId: string) =>
      budgets.requestTokens({ requestId, tenantId, projectId: 'p', tokens: 10, ttlMs: DAY_MS })
    const commit = (requestId: string) => budgets.commit({ tenantId, requestId, usage: { totalTokens: 10 } })
    test.each<[string, () => Promise<unknown>, readonly [used: number, reserved: number]]>([
      ['a hold', () => ask('r3'), [0, 30]],
      ['holds together', () => Promise.all(['r3', 'r4'].map(ask)), [0, 40]],
      ['a commit', () => commit('r1'), [10, 10]],
      ['commits together', () => Promise.all(['r1', 'r2'].map(commit)), [20, 0]],
      ['a release', () => budgets.release({ tenantId, requestId: 'r1' }), [0, 10]],
    ])('%s', async (_, come, [usedTokens, reservedTokens]) => {
      await limit({ limitTokens: 100, period: DAILY })
      await spend('before', 40)
      for (const requestId of ['r1', 'r2']) await ask(requestId)
      await clock.advance(DAY_MS / 2)
      await come()
      expect(await movements(['reset'])).toEqual(['reset used available 40 0 null'])
      expect(await budgets.state(scope)).toMatchObject({
        ...{ usedTokens, reservedTokens },
        period: { startsAt: new Date('2026-03-11') },
      })
      await isSound()
    })
  })

  test('of periods that are to begin, only those whose own is over do, at that instant', async () => {
    const wide = { tenantId }
    await limit({ scope: wide, limitTokens: 100, period: { kind: 'rolling', lengthMs: 2 * DAY_MS } })
    await limit({ limitTokens: 100, period: DAILY })
    await spend('r1', 40)
    await clock.advance(DAY_MS / 2)
    const ids = await database().query<{ id: bigint }>(
      'SELECT budget_id AS id FROM budgets WHERE tenant_id = $1 ORDER BY budget_id',
      [tenantId],
    )
    const begin = async () => {
      const [from, to] = [clock.now(), new Date(clock.now().getTime() + DAY_MS)]
      const { rows } = await database().query<{ count: number }>(
        'SELECT budget_reset_periods($1, $2::bigint[], $3::timestamptz[], $4::timestamptz[]) AS count',
        [clock.now(), ids.rows.map(({ id }) => id), [from, from], [to, to]],
      )
      return rows[0]?.count
    }
    expect([await begin(), await begin()]).toEqual([1, 0])
    expect(await budgets.state(wide)).toMatchObject({
      usedTokens: 40,
      resetsAt: new Date('2026-03-12T12:00:00Z'),
    })
    expect(await budgets.state(scope)).toMatchObject({ usedTokens: 0, resetsAt: new Date('2026-03-12') })
    expect(await column('updated_at')).toEqual([new Date('2026-03-10T12:00:00Z'), clock.now()])
    await isSound()
  })

  describe('the budgets below another', () => {
    const made = async (...scopes: readonly Omit<BudgetScope, 'tenantId'>[]) => {
      for (const one of scopes) await limit({ scope: { tenantId, ...one }, limitTokens: 10 })
    }

    test('come page by page, the one made last first, each as it stands', async () => {
      await made({ projectId: 'p' }, { projectId: 'q' }, { projectId: 'p', taskId: 't' }, { projectId: 'r' })
      await limit({ scope: { tenantId }, limitTokens: 100 })
      await spend('one', 4)
      const first = await budgets.below({ tenantId }, { limit: 2 })
      const rest = await budgets.below({ tenantId }, { limit: 2, cursor: first.nextCursor ?? '' })
      const projects = [...first.items, ...rest.items]
      expect(projects.map(({ scope: { projectId }, usedTokens }) => [projectId, usedTokens])).toEqual([
        ['r', 0],
        ['q', 0],
        ['p', 4],
      ])
      expect(rest.nextCursor).toBeNull()
      expect(projects[2]).toEqual(await budgets.state(scope))
    })

    test('of a project are those of its tasks and agents, of no other tenant', async () => {
      await made(
        { projectId: 'p' },
        { projectId: 'p', taskId: 't' },
        { projectId: 'p', agentId: 'a' },
        { projectId: 'q', taskId: 't' },
      )
      const { items } = await budgets.below(scope)
      expect(items.map(({ level }) => level)).toEqual(['agent', 'task'])
      expect((await budgets.below({ ...scope, tenantId: randomName('other') })).items).toEqual([])
    })

    test('of a task are refused, as a bad limit and a cursor that no page gave are', async () => {
      const ofTask = invalidOption('scope', 'that of a tenant or a project')
      await expect(budgets.below({ ...scope, taskId: 't' })).rejects.toEqual(ofTask)
      await expect(budgets.below(scope, { limit: 0 })).rejects.toEqual(invalidOption('limit'))
      await expect(budgets.below(scope, { cursor: 'x' })).rejects.toEqual(invalidOption('cursor'))
    })
  })

  describe('soft limits', () => {
    test('are told at their percentage exactly, of tokens and of money', async () => {
      const heard = hear('budget.softLimitReached')
      await limit({ limitTokens: 100, limitMoney: euros(1000), softLimitPercents: [50, 70] })
      await adjust('a1', { tokens: 49, cost: euros(499) })
      expect(heard).toEqual([])
      await adjust('a2', { tokens: 1 })
      expect(heard).toEqual([50])
      await adjust('a3', { cost: euros(200) })
      expect(heard).toEqual([50])
      await adjust('a4', { cost: euros(1) })
      expect(heard).toEqual([50, 70])
    })

    test('are not told again when use falls below one of them and comes back', async () => {
      const heard = hear('budget.softLimitReached')
      await limit({ limitTokens: 100, softLimitPercents: [20, 50] })
      for (const [index, tokens] of [60, -30, 30].entries()) await adjust(`a${index}`, { tokens })
      expect(heard).toEqual([20, 50])
    })

    test('are not told of a limit of nothing', async () => {
      const heard = hear('budget.softLimitReached')
      await limit({ limitTokens: 0, limitMoney: euros(0), softLimitPercents: [50] })
      await adjust('a1', { tokens: 1, cost: euros(1) })
      expect(heard).toEqual([])
    })
  })
}
