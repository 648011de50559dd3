import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetController } from '../../budget-controller.ts'
import { type Money, money } from '../../pricing/money.ts'
import { beforeStatement } from '../before-statement.ts'
import { timeOf } from '../time-of.ts'

const dollars = (micros: number): Money => money('USD', BigInt(micros))

/** What one call to the ledger makes of many steps that travel in it, on any database. */
export function budgetBatchContract(database: () => SqlDatabase): void {
  let clock: FakeClock
  let budgets: BudgetController
  let tenantId: string
  const controller = () => new BudgetController({ database: database(), ...timeOf(clock), laneCount: 1 })
  const limit = (scope: object, limitTokens: number | null, micros: number | null) => {
    const limitMoney = micros === null ? null : dollars(micros)
    return budgets.setLimit({
      scope: { tenantId, ...scope },
      limitTokens,
      limitMoney,
      actor: { id: 'alice', kind: 'human' },
    })
  }
  const ask = (projectId: string, requestId: string, tokens: number, micros: number) =>
    budgets.requestTokens({ tenantId, projectId, requestId, tokens, cost: dollars(micros) })
  const counters = async (scope: object = {}) => {
    const { usedTokens, reservedTokens, money: state } = await budgets.state({ tenantId, ...scope })
    return [usedTokens, reservedTokens, Number(state?.used.micros), Number(state?.reserved.micros)]
  }
  const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])

  test('ends of holds are no repetitions, whether a hold was made here or read', async () => {
    clock = new FakeClock()
    tenantId = randomName('tenant')
    budgets = controller()
    await limit({}, 100, null)
    const request = (requestId: string) =>
      budgets.requestTokens({ tenantId, projectId: 'p', requestId, tokens: 10 })
    for (const requestId of ['read', 'made', 'read']) await request(requestId)
    const ends = ['made', 'read'].map((requestId) =>
      budgets.commit({ tenantId, requestId, usage: { totalTokens: 4 } }),
    )
    expect((await Promise.all(ends)).map(({ isReplay }) => isReplay)).toEqual([false, false])
    expect((await budgets.state({ tenantId })).usedTokens).toBe(8)
  })

  describe('steps that travel together', () => {
    let told: string[]

    beforeEach(() => {
      clock = new FakeClock()
      tenantId = randomName('tenant')
      budgets = controller()
      told = []
    })

    test('two extensions do not both get the room that one of them takes', async () => {
      await limit({ projectId: 'p' }, 100, 100)
      await Promise.all([ask('p', 'r1', 40, 40), ask('p', 'r2', 40, 40)])
      const extend = (requestId: string) => budgets.extend({ tenantId, requestId, tokens: 60 })
      const statuses = (await Promise.all([extend('r1'), extend('r2')])).map(({ status }) => status)
      expect(statuses.filter((status) => status === 'denied')).toHaveLength(1)
      expect((await counters({ projectId: 'p' }))[1]).toBe(100)
      await isSound()
    })

    test('a soft limit that was told is not told again by commits that follow', async () => {
      const actor = { id: 'alice', kind: 'human' } as const
      await budgets.setLimit({
        scope: { tenantId, projectId: 'p' },
        limitTokens: 100,
        softLimitPercents: [50],
        actor,
      })
      budgets.on('budget.softLimitReached', ({ percent }) => void told.push(String(percent)))
      for (const requestId of ['r1', 'r2', 'r3']) {
        await budgets.requestTokens({ tenantId, projectId: 'p', requestId, tokens: 10 })
      }
      const commit = (requestId: string, totalTokens: number) =>
        budgets.commit({ tenantId, requestId, usage: { totalTokens } })
      await commit('r1', 60)
      await Promise.all([commit('r2', 10), commit('r3', 10)])
      expect(told).toEqual(['50'])
    })

    test('commits of what was held here and of what another process held add up, money alike', async () => {
      await limit({ projectId: 'p' }, 100, 100)
      const other = controller()
      await other.requestTokens({
        tenantId,
        projectId: 'p',
        requestId: 'theirs',
        tokens: 10,
        cost: dollars(10),
      })
      await ask('p', 'ours', 10, 10)
      const commit = (requestId: string, used: number) =>
        budgets.commit({ tenantId, requestId, usage: { totalTokens: used, cost: dollars(used) } })
      await Promise.all([commit('ours', 3), commit('theirs', 4)])
      expect(await counters({ projectId: 'p' })).toEqual([7, 0, 7, 0])
      await isSound()
    })

    test('exhaustion is told where only another project has holds whose time has passed', async () => {
      await limit({ projectId: 'p' }, 10, null)
      await limit({ projectId: 'q' }, 10, null)
      budgets.on('budget.exhausted', ({ state }) => void told.push(String(state.scope.projectId)))
      const request = (projectId: string, requestId: string, ttlMs: number) =>
        budgets.requestTokens({ tenantId, projectId, requestId, tokens: 10, ttlMs })
      await request('q', 'old', 10)
      await clock.advance(10)
      await request('p', 'r1', 60_000)
      expect((await request('p', 'r2', 60_000)).status).toBe('denied')
      expect(told).toEqual(['p'])
    })

    test('of two budgets that lack room, only the one of which it was not told is told of', async () => {
      await limit({ projectId: 'p' }, 10, null)
      await limit({ projectId: 'q' }, 10, null)
      budgets.on('budget.exhausted', ({ state }) => void told.push(String(state.scope.projectId)))
      const request = (projectId: string, requestId: string) =>
        budgets.requestTokens({ tenantId, projectId, requestId, tokens: 11 })
      await request('p', 'r1')
      await Promise.all([request('p', 'r2'), request('q', 'r3')])
      expect(told).toEqual(['p', 'q'])
    })

    test('a request at the very end of a period begins the next one', async () => {
      const actor = { id: 'alice', kind: 'human' } as const
      const period = { kind: 'day', timeZone: 'UTC' } as const
      await budgets.setLimit({ scope: { tenantId, projectId: 'p' }, limitTokens: 100, period, actor })
      const request = (requestId: string) =>
        budgets.requestTokens({ tenantId, projectId: 'p', requestId, tokens: 10 })
      await request('r1')
      await budgets.commit({ tenantId, requestId: 'r1', usage: { totalTokens: 10 } })
      const end = (await budgets.state({ tenantId, projectId: 'p' })).period.endsAt
      await clock.advance((end?.getTime() ?? 0) - clock.now().getTime())
      await request('r2')
      const { rows } = await database().query('SELECT used_tokens FROM budgets WHERE tenant_id = $1', [
        tenantId,
      ])
      expect(rows).toEqual([{ used_tokens: 0n }])
    })
  })

  describe.each([
    ['a few budgets', 3],
    ['many budgets', 12],
  ])('in one batch over %s', (_title, count) => {
    const projects = Array.from({ length: count }, (_, index) => `p${index}`)

    beforeEach(async () => {
      clock = new FakeClock()
      tenantId = randomName('tenant')
      budgets = controller()
      await limit({}, null, 1_000_000)
      for (const projectId of projects) await limit({ projectId }, 100, 100)
      await Promise.all(projects.map((projectId) => ask(projectId, `${projectId}-a`, 100, 100)))
    })

    test.each([
      ['tokens', 40, 1, 1, 1],
      ['money', 1, 30, 1, 1],
    ])(
      'what is settled makes room for what is asked, to the last of the %s',
      async (unit, tokens, micros) => {
        const settled = projects.map((projectId, index) => {
          const key = { tenantId, requestId: `${projectId}-a` }
          const usage = { totalTokens: 60, cost: dollars(70) }
          return index === 0 ? budgets.release(key) : budgets.commit({ ...key, usage })
        })
        const more = (index: number) => (index === 0 ? [60, 70] : [0, 0])
        const asked = projects.map((projectId, index) => {
          const [moreTokens = 0, moreMicros = 0] = more(index)
          const whole = unit === 'tokens' ? [tokens + moreTokens, micros] : [tokens, micros + moreMicros]
          return ask(projectId, `${projectId}-b`, whole[0] ?? 0, whole[1] ?? 0)
        })
        const beyond = projects.map((projectId) =>
          ask(projectId, `${projectId}-c`, 1, unit === 'tokens' ? 0 : 1),
        )
        await Promise.all(settled)
        expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(projects.map(() => 'granted'))
        const denials = await Promise.all(beyond)
        expect(denials.map(({ status }) => status)).toEqual(projects.map(() => 'denied'))
        expect(denials[0]).toMatchObject({ level: 'project', unit })
        expect(await counters()).toEqual([
          60 * (count - 1),
          unit === 'tokens' ? 40 * count + 60 : count,
          70 * (count - 1),
          unit === 'tokens' ? count : 30 * count + 70,
        ])
        await isSound()
      },
    )
  })

  test.each(['commit', 'release', 'extend'] as const)(
    'a %s that overtakes the request of another process finds the hold',
    async (method) => {
      clock = new FakeClock()
      tenantId = randomName('tenant')
      budgets = controller()
      await limit({ projectId: 'p' }, 100, 100)
      let overtaken = async (): Promise<unknown> => ask('p', 'r1', 40, 40)
      const slow = new BudgetController({
        database: beforeStatement(database(), 'JOIN budget_reservations', () => {
          const request = overtaken
          overtaken = async () => undefined
          return request()
        }),
        ...timeOf(clock),
      })
      const key = { tenantId, requestId: 'r1' }
      if (method === 'extend') {
        expect(await slow.extend({ ...key, tokens: 50 })).toMatchObject({ status: 'extended' })
        expect(await counters({ projectId: 'p' })).toEqual([0, 50, 0, 40])
      } else if (method === 'release') {
        expect(await slow.release(key)).toMatchObject({ isReplay: false })
        expect(await counters({ projectId: 'p' })).toEqual([0, 0, 0, 0])
      } else {
        expect(await slow.commit({ ...key, usage: 'unknown' })).toMatchObject({ isReplay: false })
        expect(await counters({ projectId: 'p' })).toEqual([40, 0, 40, 0])
      }
      await isSound()
    },
  )

  test('one entry that no counter can take fails alone: the others of its batch are served', async () => {
    clock = new FakeClock()
    tenantId = randomName('tenant')
    budgets = controller()
    await limit({ projectId: 'p' }, null, null)
    const ids = Array.from({ length: 9 }, (_, id) => `r${id}`)
    await Promise.all(ids.map((requestId) => ask('p', requestId, 5, 5)))
    const settled = await Promise.allSettled(
      ids.map((requestId) => {
        const totalTokens = requestId === 'r0' || requestId === 'r6' ? Number.MAX_SAFE_INTEGER - 20 : 2
        return budgets.commit({ tenantId, requestId, usage: { totalTokens } })
      }),
    )
    const refused = settled.flatMap((one, id) => (one.status === 'rejected' ? [[id, one.reason.code]] : []))
    expect(refused).toEqual([[6, 'TOKENS_OUT_OF_RANGE']])
    expect(await counters({ projectId: 'p' })).toEqual([Number.MAX_SAFE_INTEGER - 6, 5, 40, 5])
    await isSound()
  })

  test('the first money of a batch fixes the currency of every budget that it counts in', async () => {
    clock = new FakeClock()
    tenantId = randomName('tenant')
    budgets = controller()
    const scopes = [{}, { projectId: 'p' }, { projectId: 'q' }]
    for (const scope of scopes) {
      await budgets.setLimit({
        scope: { tenantId, ...scope },
        limitTokens: 100,
        actor: { id: 'alice', kind: 'human' },
      })
    }
    await Promise.all([ask('p', 'r1', 1, 10), ask('q', 'r2', 1, 20), ask('q', 'r3', 1, 40)])
    const reserved = await Promise.all(scopes.map(async (scope) => (await counters(scope))[3]))
    expect(reserved).toEqual([70, 10, 60])
    const euros = { requestId: 'r4', tenantId, projectId: 'p', tokens: 1, cost: money('EUR', 1n) }
    await expect(budgets.requestTokens(euros)).rejects.toMatchObject({ code: 'CURRENCY_MISMATCH' })
    await isSound()
  })

  test('requests of one batch that fit each other only in part are granted in order, each scope by its own sums', async () => {
    clock = new FakeClock()
    tenantId = randomName('tenant')
    budgets = controller()
    await limit({}, 100, 1000)
    for (const projectId of ['p', 'q']) await limit({ projectId }, 70, 1000)
    const asked = [
      ['p', 30, 1],
      ['p', 30, 2],
      ['q', 30, 4],
      ['p', 30, 8],
      ['q', 5, 16],
      ['q', 5, 32],
      ['q', 1, 64],
    ] as const
    const decisions = await Promise.all(
      asked.map(([projectId, tokens, micros], index) => ask(projectId, `r${index}`, tokens, micros)),
    )
    expect(decisions.map((one) => (one.status === 'denied' ? one.level : one.status))).toEqual([
      ...['granted', 'granted', 'granted', 'tenant', 'granted', 'granted', 'tenant'],
    ])
    expect(await counters()).toEqual([0, 100, 0, 55])
    expect(await counters({ projectId: 'p' })).toEqual([0, 60, 0, 3])
    expect(await counters({ projectId: 'q' })).toEqual([0, 40, 0, 52])
    await isSound()
  })
}
