/** Run as a process of its own: holds and commits in the database of a folder, and tells each step once it is answered. */
import { PGlite } from '@electric-sql/pglite'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { BudgetController } from '../../budget-controller.ts'

const [folder = ''] = process.argv.slice(2)
const database = await PgliteDatabase.open({ folder, create: (dataDir) => PGlite.create({ dataDir }) })
const budgets = new BudgetController({ database })
for (let number = 0; ; number++) {
  const key = { tenantId: 't', requestId: `r${number}` }
  await budgets.requestTokens({ ...key, projectId: 'p', tokens: 4 })
  process.send?.(`held ${number}`)
  await budgets.commit({ ...key, usage: { totalTokens: 3 } })
  process.send?.(`committed ${number}`)
}
