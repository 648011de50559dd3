import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describeWithService, randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BudgetController } from './budget-controller.ts'
import type { BudgetDecision } from './budget-decision.ts'
import { openPostgres } from './testing/budget-databases.ts'
import { budgetBatchContract } from './testing/contract/budget-batch.contract.ts'
import { budgetCancellationContract } from './testing/contract/budget-cancellation.contract.ts'
import { budgetControllerContract } from './testing/contract/budget-controller.contract.ts'
import { budgetCorrectionsContract } from './testing/contract/budget-corrections.contract.ts'
import { budgetGrowthContract } from './testing/contract/budget-growth.contract.ts'
import { budgetLeaseContract } from './testing/contract/budget-lease.contract.ts'
import { budgetLimitsContract } from './testing/contract/budget-limits.contract.ts'
import { budgetModelContract } from './testing/contract/budget-model.contract.ts'
import { budgetMoneyContract } from './testing/contract/budget-money.contract.ts'
import { budgetRecordsContract } from './testing/contract/budget-records.contract.ts'
import { budgetTablesContract } from './testing/contract/budget-tables.contract.ts'
import { budgetTroubleContract } from './testing/contract/budget-trouble.contract.ts'
import { budgetWatchContract } from './testing/contract/budget-watch.contract.ts'
import { timeOf } from './testing/time-of.ts'

describeWithService('postgres', 'BudgetController on PostgreSQL', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres(address)
  }, 60_000)
  afterAll(() => opened.close())

  budgetControllerContract(() => opened.databases[0])
  budgetRecordsContract(() => opened.databases[0])
  budgetTablesContract(() => opened.databases[0])
  budgetGrowthContract(() => opened.databases[0])
  budgetLimitsContract(() => opened.databases[0])
  budgetCorrectionsContract(() => opened.databases[0])
  budgetMoneyContract(() => opened.databases[0])
  budgetTroubleContract(() => opened.databases[0])
  budgetBatchContract(() => opened.databases[0])
  budgetCancellationContract(() => opened.databases[0])
  budgetWatchContract(() => opened.databases[0])
  budgetLeaseContract(() => opened.databases[0])
  budgetModelContract(() => opened.databases[0], 25)

  test('racing requests with duplicates never pass a limit and never hold twice for one id', async () => {
    const tenantId = randomName('tenant')
    const budgets = opened.databases.map(
      (database) => new BudgetController({ database, operationTimeoutMs: 60_000 }),
    )
    const [first] = budgets
    if (first === undefined) throw new RangeError('two controllers expected')
    const projects = ['p1', 'p2', 'p3']
    await first.setLimit({ scope: { tenantId }, limitTokens: 2500, actor: { id: 'race', kind: 'human' } })
    for (const projectId of projects) {
      await first.setLimit({
        scope: { tenantId, projectId },
        limitTokens: 1000,
        actor: { id: 'race', kind: 'human' },
      })
    }
    const idCount = 420
    // 30 percent of 600 calls repeat an id, each right behind its first use and from the other pool.
    const calls = Array.from({ length: idCount }, (_, id) => {
      const request = {
        requestId: `r${id}`,
        tenantId,
        projectId: `p${1 + (id % 3)}`,
        taskId: `t${id % 5}`,
        tokens: 1 + (id % 19),
      }
      return (id < 180 ? [0, 1] : [id % 2]).map((index) => ({ budget: budgets[index] ?? first, request }))
    }).flat()
    const answers = await Promise.all(
      calls.map(async ({ budget, request }) => ({ request, decision: await budget.requestTokens(request) })),
    )

    const held = answers.filter(({ decision }) => isNewGrant(decision))
    expect(new Set(held.map(({ request }) => request.requestId)).size).toBe(held.length)
    const heldTokens = held.reduce((sum, { request }) => sum + request.tokens, 0)
    expect((await first.state({ tenantId })).reservedTokens).toBe(heldTokens)
    expect(heldTokens).toBeLessThanOrEqual(2500)
    expect(heldTokens).toBeGreaterThan(2500 - 20)
    for (const projectId of projects) {
      expect((await first.state({ tenantId, projectId })).availableTokens).toBeGreaterThanOrEqual(0)
    }

    // Each hold is settled twice at once, by both processes: half committed, half released.
    const settled = await Promise.all(
      held.flatMap(({ request: { requestId, tokens } }, index) =>
        budgets.map((budget) =>
          index % 2 === 0
            ? budget.commit({ tenantId, requestId, usage: { totalTokens: tokens } })
            : budget.release({ tenantId, requestId }),
        ),
      ),
    )
    expect(settled.filter(({ isReplay }) => !isReplay)).toHaveLength(held.length)
    const used = held.reduce((sum, { request }, index) => sum + (index % 2 === 0 ? request.tokens : 0), 0)
    expect(await first.state({ tenantId })).toMatchObject({ usedTokens: used, reservedTokens: 0 })
    expect(await first.verify({ tenantId })).toMatchObject({ isConsistent: true, checkedBudgets: 4 })
  }, 120_000)

  test('of requests that come at once, only as many are granted as fit', async () => {
    const tenantId = randomName('tenant')
    const budgets = opened.databases.map((database) => new BudgetController({ database }))
    for (let round = 0; round < 40; round++) {
      const projectId = `p${round}`
      await budgets[0]?.setLimit({
        scope: { tenantId, projectId },
        limitTokens: 10,
        actor: { id: 'race', kind: 'human' },
      })
      const decisions = await Promise.all(
        [0, 1, 2, 3].flatMap((id) =>
          budgets.map((budget, index) =>
            budget.requestTokens({ requestId: `r${round}-${id}-${index}`, tenantId, projectId, tokens: 4 }),
          ),
        ),
      )
      expect(decisions.filter(isNewGrant)).toHaveLength(2)
    }
  })

  test('one id asked for at once in two projects is held in one of them', async () => {
    const tenantId = randomName('tenant')
    const budgets = opened.databases.map((database) => new BudgetController({ database }))
    const projects = ['p1', 'p2']
    for (const projectId of projects) {
      await budgets[0]?.setLimit({
        scope: { tenantId, projectId },
        limitTokens: 1000,
        actor: { id: 'race', kind: 'human' },
      })
    }
    for (let round = 0; round < 20; round++) {
      const requestId = `r${round}`
      const outcomes = await Promise.allSettled(
        budgets.map((budget, index) =>
          budget.requestTokens({ requestId, tenantId, projectId: `p${index + 1}`, tokens: 1 }),
        ),
      )
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'REQUEST_CONFLICT' },
      })
    }
    expect(await budgets[0]?.verify({ tenantId })).toMatchObject({ isConsistent: true })
  })

  test('requests, commits and sweeps that race over expiring holds never deadlock and leave nothing reserved', async () => {
    const tenantId = randomName('tenant')
    const failures: string[] = []
    // A batch that ended in a deadlock is sent again, so nobody else would hear of it.
    const budgets = opened.databases.map(
      (database) =>
        new BudgetController({ database: tellingFailures(database, failures), operationTimeoutMs: 60_000 }),
    )
    const scopes = [
      {},
      { projectId: 'p' },
      { projectId: 'p', taskId: 't1' },
      { projectId: 'p', taskId: 't2' },
    ]
    for (const scope of scopes) {
      await budgets[0]?.setLimit({
        scope: { tenantId, ...scope },
        limitTokens: 300,
        actor: { id: 'race', kind: 'human' },
      })
    }
    const life = async (budget: BudgetController, id: number): Promise<void> => {
      const requestId = `r${id}`
      const request = {
        requestId,
        tenantId,
        projectId: 'p',
        taskId: `t${1 + (id % 2)}`,
        tokens: 5,
        ttlMs: 1 + (id % 4),
      }
      const decision = await budget.requestTokens(request)
      if (decision.status === 'denied') return
      if (id % 3 === 0) await budget.commit({ tenantId, requestId, usage: { totalTokens: 1 } })
      if (id % 5 === 0) await budget.sweepExpired({ tenantId, limit: 10 })
    }
    await Promise.all(
      Array.from({ length: 300 }, (_, id) => budgets.map((budget) => life(budget, id))).flat(),
    )
    while (((await budgets[0]?.state({ tenantId }))?.reservedTokens ?? 0) > 0)
      await budgets[0]?.sweepExpired({ tenantId })
    expect(await budgets[1]?.verify({ tenantId })).toMatchObject({ isConsistent: true, checkedBudgets: 4 })
    expect(failures).toEqual([])
  }, 120_000)

  test('budgets are locked in one order, whichever of them a call names first', async () => {
    const tenantId = randomName('tenant')
    const failures: string[] = []
    const budgets = opened.databases.map(
      (database) =>
        new BudgetController({ database: tellingFailures(database, failures), operationTimeoutMs: 60_000 }),
    )
    const projects = Array.from({ length: 12 }, (_, id) => `p${id}`)
    for (const projectId of projects) {
      await budgets[0]?.setLimit({
        scope: { tenantId, projectId },
        limitTokens: 1e9,
        actor: { id: 'race', kind: 'human' },
      })
    }
    // The one names the projects from first to last, the other from last to first, each settling what the other held.
    const round = async (one: BudgetController | undefined, other: number, number: number) => {
      const order = other === 1 ? projects : projects.toReversed()
      await Promise.all(
        order.flatMap((projectId) => [
          one?.requestTokens({
            tenantId,
            projectId,
            requestId: `${other}-${number}-${projectId}`,
            tokens: 2,
          }),
          number === 0
            ? undefined
            : one
                ?.commit({ tenantId, requestId: `${1 - other}-${number - 1}-${projectId}`, usage: 'unknown' })
                .catch((error: unknown) => expect(error).toMatchObject({ code: 'RESERVATION_NOT_FOUND' })),
        ]),
      )
    }
    const rounds = async (index: number) => {
      for (let number = 0; number < 40; number++) await round(budgets[index], 1 - index, number)
    }
    await Promise.all([rounds(0), rounds(1)])
    expect(await budgets[0]?.verify({ tenantId })).toMatchObject({ isConsistent: true, checkedBudgets: 12 })
    expect(failures).toEqual([])
  }, 120_000)

  test('while calls run the ledger bears out the counters at every moment, and to rebuild them changes nothing', async () => {
    const tenantId = randomName('tenant')
    const budgets = opened.databases.map(
      (database) => new BudgetController({ database, operationTimeoutMs: 60_000 }),
    )
    const [first] = budgets
    if (first === undefined) throw new RangeError('two controllers expected')
    for (const scope of [{}, { projectId: 'p0' }, { projectId: 'p1' }]) {
      await first.setLimit({
        scope: { tenantId, ...scope },
        limitTokens: 2000,
        actor: { id: 'race', kind: 'human' },
      })
    }
    let isOver = false
    const life = async (budget: BudgetController, index: number): Promise<void> => {
      for (let number = 0; number < 15; number++) {
        const requestId = `r${index}-${number}`
        const request = { tenantId, projectId: `p${number % 2}`, requestId, tokens: 10, ttlMs: 60_000 }
        if ((await budget.requestTokens(request)).status === 'denied') continue
        if (number % 5 === 4) await budget.release({ tenantId, requestId })
        else await budget.commit({ tenantId, requestId, usage: { totalTokens: number } })
      }
    }
    const watch = async (): Promise<number> => {
      let looks = 0
      for (; !isOver || looks === 0; looks++) {
        expect((await first.verify({ tenantId })).differences).toEqual([])
        expect(await first.rebuild({ tenantId, actor: { id: 'race', kind: 'human' } })).toEqual({
          changedBudgets: 0,
        })
      }
      return looks
    }
    const lives = Array.from({ length: 40 }, (_, index) => life(budgets[index % 2] ?? first, index))
    const ended = Promise.all(lives).finally(() => {
      isOver = true
    })
    const [looks] = await Promise.all([watch(), ended])
    expect(looks).toBeGreaterThan(0)
    expect((await first.state({ tenantId })).reservedTokens).toBe(0)
  }, 120_000)

  test('a hold that retention has forgotten is not found, though its place in the table is taken by another', async () => {
    // Tables of its own, so that the first rows to come take the places of those that went.
    const own = await openPostgres(address)
    const [database] = own.databases
    const tenantId = randomName('tenant')
    const clock = new FakeClock(new Date('2020-01-01T00:00:00.000Z'))
    const [remembering, other] = [1, 2].map(() => new BudgetController({ database, ...timeOf(clock) }))
    if (remembering === undefined || other === undefined) throw new RangeError('two controllers expected')
    await other.setLimit({
      scope: { tenantId, projectId: 'p' },
      limitTokens: 1000,
      actor: { id: 'place', kind: 'human' },
    })
    const ids = Array.from({ length: 20 }, (_, id) => `old${id}`)
    const request = { tenantId, projectId: 'p', tokens: 10 }
    await Promise.all(ids.map((requestId) => remembering.requestTokens({ ...request, requestId })))
    await Promise.all(ids.map((requestId) => other.release({ tenantId, requestId })))
    await clock.advance(401 * 86_400_000)
    await other.forgetEnded({ limit: 100_000 })
    await database.query('VACUUM budget_reservations')
    await Promise.all(ids.map((id) => other.requestTokens({ ...request, requestId: `new ${id}` })))
    const commit = (requestId: string) =>
      remembering.commit({ tenantId, requestId, usage: { totalTokens: 3 } })
    const [first = '', second = '', ...others] = ids
    const late = [
      ...(await Promise.allSettled([commit(first)])),
      ...(await Promise.allSettled([remembering.release({ tenantId, requestId: second })])),
      ...(await Promise.allSettled(others.map(commit))),
    ]
    for (const one of late) expect(one).toMatchObject({ reason: { code: 'RESERVATION_NOT_FOUND' } })
    const state = await other.state({ tenantId, projectId: 'p' })
    expect([state.usedTokens, state.reservedTokens]).toEqual([0, 200])
    expect(await other.verify({ tenantId })).toMatchObject({ isConsistent: true })
    await own.close()
  })
})

/** A database that notes the codes of statements that fail. */
function tellingFailures(database: SqlDatabase, failures: string[]): SqlDatabase {
  const query: SqlDatabase['query'] = (text, values, options) =>
    // Safe: the rows are those of the caller's own statement.
    database.query<never>(text, values, options).catch((error: unknown) => {
      failures.push(isGoldenError(error) ? error.code : String(error))
      throw error
    })
  return new Proxy(database, {
    get: (target, name) => {
      if (name === 'query') return query
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function isNewGrant(decision: BudgetDecision): boolean {
  return decision.status === 'granted' && !decision.isReplay
}
