/**
 * Proves that budgets charge exactly once: two processes with two connections each hammer five shared budgets, three
 * calls in ten repeat an id, connections are cut, one process is killed with SIGKILL and started again. In the end
 * every id is asked for again, use must equal the sum expected, nothing may be reserved, and the ledger must verify.
 * Usage: node --conditions=golden-arch-source tools/prove/budget-hammer.ts [number of ids, default 50000]
 */
import { startPostgres } from '@golden-arch/testkit'
import { hammerBudgets } from '../../packages/budget/src/testing/hammer/hammer-budgets.ts'

const idCount = Number(process.argv[2] ?? 50_000)
const postgres = await startPostgres({ fsync: true })
try {
  const { failures, seconds, ...figures } = await hammerBudgets(postgres.address, idCount)
  console.table({
    ...figures,
    repeatedPercent: Math.round((1 - figures.ids / figures.calls) * 100),
    seconds: Math.round(seconds),
    callsPerSecond: Math.round(figures.calls / seconds),
  })
  console.log('failures that were sent again with the same ids:', failures)
  console.log('use as expected, nothing reserved, ledger verified')
} finally {
  await postgres.stop()
}
