import { randomName } from '@golden-arch/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BudgetController } from './budget-controller.ts'
import { softLimitsCrossed } from './soft-limit.ts'
import { openPglite, type TestDatabase } from './testing/budget-databases.ts'

let opened: TestDatabase
beforeAll(async () => {
  opened = await openPglite()
}, 60_000)
afterAll(() => opened.close())

test('the database tells each soft limit at the very commit at which the pure decision says it is crossed', async () => {
  const percents = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 6 })
  // Small limits, so that the shares of many percentages are no whole numbers.
  const limit = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  )
  const shares = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(percents, limit, shares, async (softLimitPercents, limitTokens, wanted) => {
      const tenantId = randomName('tenant')
      const scope = { tenantId, projectId: 'p' }
      const budgets = new BudgetController({ database: opened.database })
      let heard: number[] = []
      budgets.on('budget.softLimitReached', ({ percent }) => heard.push(percent))
      // Room for the holds: the limit that counts is set once all of them stand.
      await budgets.setLimit({ scope, limitTokens: null, softLimitPercents, actor: 'test' })
      for (const number of wanted.keys())
        await budgets.requestTokens({ requestId: `r${number}`, ...scope, tokens: 1 })
      await budgets.setLimit({ scope, limitTokens, actor: 'test' })

      let used = 0n
      for (const [number, share] of wanted.entries()) {
        // Whole numbers throughout; what would pass the counters' range is left out.
        const after = used + (BigInt(limitTokens) * BigInt(share)) / 300n
        if (after > BigInt(Number.MAX_SAFE_INTEGER)) break
        heard = []
        await budgets.commit({
          tenantId,
          requestId: `r${number}`,
          usage: { totalTokens: Number(after - used) },
        })
        expect(heard).toEqual(softLimitsCrossed(softLimitPercents, limitTokens, used, after))
        used = after
      }
    }),
    { numRuns: 40 },
  )
}, 60_000)
