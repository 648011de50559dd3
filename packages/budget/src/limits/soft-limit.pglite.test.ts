import { randomName } from '@golden-arch/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BudgetController } from '../budget-controller.ts'
import { openPglite, type TestDatabase } from '../testing/budget-databases.ts'
import { softLimitsCrossed } from './soft-limit.ts'

let opened: TestDatabase
beforeAll(async () => {
  opened = await openPglite()
}, 60_000)
afterAll(() => opened.close())

test('the database tells each soft limit at the very commit at which the pure decision says it is crossed', async () => {
  const percent = fc.integer({ min: 1, max: 100 })
  const plan = fc.record({
    softLimitPercents: fc.uniqueArray(percent, { minLength: 1, maxLength: 6 }),
    // Small limits, so that many shares are no whole numbers, and vast ones.
    limitTokens: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.maxSafeInteger().map(Math.abs)),
    // Right below, at and right above the share of a soft limit.
    steps: fc.array(fc.record({ index: fc.nat(5), beyond: fc.integer({ min: -1, max: 1 }) }), {
      minLength: 1,
      maxLength: 6,
    }),
  })
  await fc.assert(
    fc.asyncProperty(plan, async ({ softLimitPercents, limitTokens, steps }) => {
      const tenantId = randomName('tenant')
      const scope = { tenantId, projectId: 'p' }
      const budgets = new BudgetController({ database: opened.database })
      let heard: number[] = []
      budgets.on('budget.softLimitReached', (reached) => heard.push(reached.percent))
      // Room for the holds: the limit that counts is set once all of them stand.
      await budgets.setLimit({
        scope,
        limitTokens: null,
        softLimitPercents,
        actor: { id: 'test', kind: 'human' },
      })
      for (const number of steps.keys())
        await budgets.requestTokens({ requestId: `r${number}`, ...scope, tokens: 1 })
      await budgets.setLimit({ scope, limitTokens, actor: { id: 'test', kind: 'human' } })

      let used = 0n
      for (const [number, { index, beyond }] of steps.entries()) {
        const share = BigInt(limitTokens) * BigInt(softLimitPercents[index % softLimitPercents.length] ?? 0)
        const target = (share + 99n) / 100n + BigInt(beyond)
        const after = target > used ? target : used
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
    { numRuns: 60 },
  )
}, 60_000)
