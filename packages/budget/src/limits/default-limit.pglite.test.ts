import type { SqlDatabase } from '@golden-arch/core/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'

let opened: TestDatabase
let limitsSet: number
let isBroken: boolean

beforeAll(async () => {
  opened = await openPglite()
}, 60_000)
afterAll(() => opened.close())

/** A controller that counts how often it sets a limit. */
function controller(): BudgetController {
  const { database } = opened
  limitsSet = 0
  isBroken = false
  const counting: SqlDatabase = {
    capabilities: database.capabilities,
    query: async (text, values, options) => {
      if (text.includes('budget_set_limit')) {
        limitsSet++
        if (isBroken) throw new Error('not now')
      }
      return database.query(text, values, options)
    },
    script: (text) => database.script(text),
    transaction: (run, options) => database.transaction(run, options),
    session: (run) => database.session(run),
  }
  return new BudgetController({ database: counting, defaultLimitTokens: 1000 })
}

const ask = (budgets: BudgetController, projectId: string, requestId: string, signal?: AbortSignal) =>
  budgets.requestTokens(
    { requestId: `${projectId}-${requestId}`, tenantId: 't', projectId, tokens: 5 },
    signal === undefined ? {} : { signal },
  )

test('many first requests of a project at once give it its default limit once', async () => {
  const budgets = controller()
  const decisions = await Promise.all(
    Array.from({ length: 300 }, (_, index) => ask(budgets, 'herd', `r${index}`)),
  )
  expect(decisions.filter(({ status }) => status === 'granted')).toHaveLength(200)
  expect(limitsSet).toBe(1)
})

test('one that stops waiting for the default limit takes it from nobody else', async () => {
  const budgets = controller()
  const stop = new AbortController()
  const first = ask(budgets, 'left', 'r1', stop.signal)
  const second = ask(budgets, 'left', 'r2')
  stop.abort()
  await expect(first).rejects.toMatchObject({ code: 'ABORTED' })
  expect(await second).toMatchObject({ status: 'granted' })
})

test('a default limit that could not be given is tried again by the next request', async () => {
  const budgets = controller()
  isBroken = true
  const both = await Promise.allSettled([ask(budgets, 'later', 'r1'), ask(budgets, 'later', 'r2')])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isBroken = false
  expect(await ask(budgets, 'later', 'r1')).toMatchObject({ status: 'granted', isReplay: false })
})
