import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'

let opened: TestDatabase
let tenantId: string
let budgets: BudgetController
beforeAll(async () => {
  opened = await openPglite()
}, 60_000)
afterAll(() => opened.close())
beforeEach(async () => {
  tenantId = randomName('tenant')
  budgets = new BudgetController({ database: opened.database })
  await budgets.setLimit({
    scope: { tenantId, projectId: 'p' },
    limitTokens: 10_000,
    actor: { id: 'alice', kind: 'human' },
  })
  // Rows to be left behind, so that those after them move when the table is written anew.
  await holdAll(['x1', 'x2', 'x3'])
  await settleAll(['x1', 'x2', 'x3'])
})

const holdAll = (ids: readonly string[]) =>
  Promise.all(
    ids.map((requestId) => budgets.requestTokens({ tenantId, projectId: 'p', requestId, tokens: 10 })),
  )
const settleAll = (ids: readonly string[]) =>
  Promise.all(ids.map((requestId) => budgets.commit({ tenantId, requestId, usage: { totalTokens: 7 } })))
const writeAnew = () => opened.database.script('VACUUM FULL budget_reservations')
const usedAndReserved = async () => {
  const { usedTokens, reservedTokens } = await budgets.state({ tenantId, projectId: 'p' })
  return [usedTokens, reservedTokens]
}

test.each([
  ['one', ['a']],
  ['many', ['a', 'b', 'c', 'd']],
])('%s whose rows were moved since they were made are found by their ids', async (_, ids) => {
  await holdAll(ids)
  await writeAnew()
  for (const { reservation } of await settleAll(ids)) {
    expect(reservation).toMatchObject({ status: 'committed', usedTokens: 7 })
  }
  expect(await usedAndReserved()).toEqual([21 + 7 * ids.length, 0])
  for (const { isReplay } of await settleAll(ids)) expect(isReplay).toBe(true)
  expect((await budgets.verify({ tenantId })).differences).toEqual([])
})

test('a commit never touches the reservation that lies now where its own was', async () => {
  // Rows before them have been updated: written anew, the table has some of these where others of them were.
  const ids = Array.from({ length: 20 }, (_, index) => `r${index}`)
  for (const id of ids) await holdAll([id])
  await writeAnew()
  for (const id of ids.slice(0, 10)) await settleAll([id])
  expect(await usedAndReserved()).toEqual([21 + 70, 100])
  for (const requestId of ids.slice(10)) {
    const { reservation } = await budgets.release({ tenantId, requestId })
    expect(reservation).toMatchObject({ requestId, status: 'released' })
  }
  expect(await usedAndReserved()).toEqual([21 + 70, 0])
  expect((await budgets.verify({ tenantId })).differences).toEqual([])
})

test('a hold is settled where it lies once, and only by who names its tenant, itself and its last extension', async () => {
  await holdAll(['a'])
  await budgets.extend({ tenantId, requestId: 'a', tokens: 20 })
  const settle = async (changes: { tenant?: string; id?: string; revision?: number; op?: number } = {}) => {
    const { tenant = tenantId, id = 'a', revision = 1, op = 4 } = changes
    const { rows } = await opened.database.query<{ at: Date | null }>(
      `SELECT s.at FROM budget_reservations r,
              budget_settle_alone(NULL, $1, $2, $3, 7, 0, $4, r.ctid, r.budget_path) AS s
        WHERE r.tenant_id = $5 AND r.request_id = 'a'`,
      [tenant, id, op, revision, tenantId],
    )
    return rows.map(({ at }) => at !== null)
  }
  for (const op of [1, 4]) {
    for (const stranger of [{ tenant: 'other' }, { id: 'b' }, { revision: 0 }, { revision: 2 }]) {
      expect(await settle({ ...stranger, op })).toEqual([false])
    }
  }
  expect(await usedAndReserved()).toEqual([21, 20])
  expect(await settle()).toEqual([true])
  expect([await settle(), await settle({ op: 1 })]).toEqual([[false], [false]])
  expect(await usedAndReserved()).toEqual([21, 0])
  expect((await budgets.verify({ tenantId })).differences).toEqual([])
})
