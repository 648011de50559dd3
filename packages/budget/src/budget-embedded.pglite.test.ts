import { PGlite } from '@electric-sql/pglite'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { BudgetController } from './budget-controller.ts'
import { prepareBudgets } from './testing/budget-databases.ts'
import { startChild } from './testing/death/started-child.ts'

test('budgets in a folder: what was answered before kill -9 is there after it, once, and the ledger bears it out', async () => {
  const folder = await temporaryFolder('budget')
  const open = () =>
    PgliteDatabase.open({ folder: folder.path, create: (dataDir) => PGlite.create({ dataDir }) })
  try {
    const first = await open()
    await prepareBudgets(first)
    const scope = { tenantId: 't', projectId: 'p' }
    await new BudgetController({ database: first }).setLimit({
      scope,
      limitTokens: 1_000_000,
      actor: { id: 'alice', kind: 'human' },
    })
    await first.close()
    const child = startChild(new URL('testing/death/embedded-process.ts', import.meta.url), folder.path)
    const confirmed = 20
    while ((await child.told()) !== `committed ${confirmed - 1}`);
    await child.kill()
    const database = await open()
    const budgets = new BudgetController({ database })
    const request = (number: number) => ({ requestId: `r${number}`, ...scope, tokens: 4 })
    const commit = (number: number) =>
      budgets.commit({ tenantId: 't', requestId: `r${number}`, usage: { totalTokens: 3 } })
    for (let number = 0; number < confirmed; number++) {
      expect(await budgets.requestTokens(request(number))).toMatchObject({ isReplay: true })
      expect(await commit(number)).toMatchObject({ isReplay: true })
    }
    // It may have gone on until it died: what it began is found by its id and ends like the others.
    let count = confirmed
    for (; ; count++) {
      const decision = await budgets.requestTokens(request(count))
      await commit(count)
      if (decision.status === 'granted' && !decision.isReplay) break
    }
    const { usedTokens, reservedTokens } = await budgets.state(scope)
    expect([usedTokens, reservedTokens]).toEqual([3 * (count + 1), 0])
    expect(await budgets.verify(scope)).toMatchObject({ isConsistent: true })
    await database.close()
  } finally {
    await folder.remove()
  }
}, 120_000)
