import type { SqlDatabase } from '@golden-arch/core/storage'
import { describeWithService, randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openPostgres } from '../testing/budget-databases.ts'

describeWithService('postgres', 'a hold made while another process waits to act on it', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres(address)
  }, 60_000)
  afterAll(() => opened.close())

  const outcomes = { used: [7, 'committed'], released: [0, 'released'], extended: [0, 'held'] } as const
  test.each([
    [
      'committed',
      outcomes.used,
      act((budgets, key) => budgets.commit({ ...key, usage: { totalTokens: 7 } })),
    ],
    ['released', outcomes.released, act((budgets, key) => budgets.release(key))],
    ['made to last', outcomes.extended, act((budgets, key) => budgets.extend({ ...key, ttlMs: 900_000 }))],
    ['made to grow', outcomes.extended, act((budgets, key) => budgets.extend({ ...key, tokens: 20 }))],
  ])('is %s under the locks of its budgets only', async (_, [used, status], step) => {
    const [database, other] = opened.databases
    const { tenantId, maker } = await begin(database)
    const acting = new BudgetController({ database: other })
    const firstLock = await lockBudget(database, tenantId, 'p1')
    // Both travel in one call, which looks the second up before it exists and then waits for the budget of the first.
    const first = acting.extend({ tenantId, requestId: 'first', ttlMs: 600_000 })
    const second = step(acting, { tenantId, requestId: 'second' })
    await firstLock.isWaitedFor()
    await maker.requestTokens({ tenantId, projectId: 'p2', requestId: 'second', tokens: 10 })
    const secondLock = await lockBudget(database, tenantId, 'p2')
    await firstLock.unlock()
    await first
    expect(await Promise.race([second, secondLock.isWaitedFor().then(() => 'waits')])).toBe('waits')
    await secondLock.unlock()
    expect((await second).reservation.status).toBe(status)
    expect((await maker.state({ tenantId, projectId: 'p2' })).usedTokens).toBe(used)
    expect((await maker.verify({ tenantId })).differences).toEqual([])
  })

  test('and that has expired already is charged as late, under the locks of its budgets only', async () => {
    const [database, other] = opened.databases
    const { tenantId, maker } = await begin(database)
    const acting = new BudgetController({ database: other })
    const firstLock = await lockBudget(database, tenantId, 'p1')
    const first = acting.extend({ tenantId, requestId: 'first', ttlMs: 600_000 })
    const second = acting.commit({ tenantId, requestId: 'second', usage: { totalTokens: 7 } })
    await firstLock.isWaitedFor()
    await maker.requestTokens({ tenantId, projectId: 'p2', requestId: 'second', tokens: 10, ttlMs: 1 })
    await vi.waitUntil(async () => (await maker.sweepExpired({ tenantId })).expiredCount === 1, 20_000)
    const secondLock = await lockBudget(database, tenantId, 'p2')
    await firstLock.unlock()
    await first
    expect(await Promise.race([second, secondLock.isWaitedFor().then(() => 'waits')])).toBe('waits')
    await secondLock.unlock()
    expect((await second).reservation).toMatchObject({ status: 'late', usedTokens: 7 })
    expect((await maker.verify({ tenantId })).differences).toEqual([])
  })
})

type Act = (
  budgets: BudgetController,
  key: { readonly tenantId: string; readonly requestId: string },
) => Promise<{ readonly reservation: { readonly status: string } }>

function act(
  step: (
    ...args: Parameters<Act>
  ) => Promise<{ readonly status?: string } | { readonly reservation: unknown }>,
): Act {
  return async (...args) => {
    const answer = await step(...args)
    if (!('reservation' in answer)) throw new TypeError('a denial was not expected')
    // Safe: what a step gives besides a denial is a reservation.
    return answer as Awaited<ReturnType<Act>>
  }
}

async function begin(
  database: SqlDatabase,
): Promise<{ readonly tenantId: string; readonly maker: BudgetController }> {
  const tenantId = randomName('tenant')
  const maker = new BudgetController({ database })
  for (const projectId of ['p1', 'p2']) {
    await maker.setLimit({
      scope: { tenantId, projectId },
      limitTokens: 1000,
      actor: { id: 'alice', kind: 'human' },
    })
  }
  await maker.requestTokens({ tenantId, projectId: 'p1', requestId: 'first', tokens: 10 })
  return { tenantId, maker }
}

/** Locks the budget of a project until it is unlocked; tells when somebody waits for that. */
async function lockBudget(
  database: SqlDatabase,
  tenantId: string,
  projectId: string,
): Promise<{ readonly isWaitedFor: () => Promise<void>; readonly unlock: () => Promise<void> }> {
  const locked = Promise.withResolvers<number>()
  const enough = Promise.withResolvers<void>()
  const over = database.transaction(async (tx) => {
    const { rows } = await tx.query<{ pid: number }>(
      'SELECT pg_backend_pid() AS pid FROM budgets WHERE tenant_id = $1 AND project_id = $2 FOR UPDATE',
      [tenantId, projectId],
    )
    locked.resolve(rows[0]?.pid ?? 0)
    await enough.promise
  })
  const pid = await locked.promise
  return {
    isWaitedFor: async () => {
      const isBlocking = async (): Promise<boolean> => {
        const { rowCount } = await database.query(
          'SELECT FROM pg_stat_activity WHERE $1::integer = ANY (pg_blocking_pids(pid))',
          [pid],
        )
        return rowCount > 0
      }
      await vi.waitUntil(isBlocking, 20_000)
    },
    unlock: () => {
      enough.resolve()
      return over
    },
  }
}
