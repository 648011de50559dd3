/** Run as a process of its own: makes one call within its budget and stops where it is told to, to be killed there. */
import { PgDatabase } from '@golden-arch/core/storage'
import pg from 'pg'
import { BudgetController } from '../../budget-controller.ts'

const [poolConfig = '{}', tenantId = '', stopsAt = ''] = process.argv.slice(2)
const pool = new pg.Pool(JSON.parse(poolConfig))
const budgets = new BudgetController({ database: new PgDatabase({ pool }), operationTimeoutMs: 60_000 })
const request = { tenantId, projectId: 'p', requestId: 'r1', tokens: 40 }

/** Tells where it is, and goes on when told to. */
async function pauseAt(step: string): Promise<void> {
  if (step !== stopsAt) return
  process.send?.(step)
  await new Promise((resolve) => process.once('message', resolve))
}

await pauseAt('before the request')
await budgets.requestTokens(request)
await pauseAt('before the call')
await budgets.withBudget(request, async ({ reportUsage }) => {
  await pauseAt('in the call')
  reportUsage({ totalTokens: 30 })
})
await pauseAt('after the commit')
