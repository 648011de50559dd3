/**
 * Proves that a process that holds and commits budgets for long does not grow: a million reservations by 512 callers in
 * one process, memory printed on the way. After a warm-up of a tenth, what the collector cannot free may grow by
 * 16 MiB at most, and what the process takes from the system by 96 MiB.
 * Usage: node --conditions=golden-arch-source tools/prove/budget-memory.ts [number of reservations, default 1000000]
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { startPostgres } from '@golden-arch/testkit'
import pg from 'pg'
import { BudgetController } from '../../packages/budget/src/index.ts'

const MIB = 2 ** 20
const CALLERS = 512
const PROJECTS = 100
const STEPS = 20
const TENANT_ID = 'grown'
const MAX_HEAP_GROWTH_MIB = 16
const MAX_RSS_GROWTH_MIB = 96

/** Megabytes, each of 2^20 bytes, after a full collection. */
interface Memory {
  readonly reservations: number
  readonly heapMib: number
  readonly rssMib: number
  readonly pairsPerSecond: number
}

setFlagsFromString('--expose-gc')
// The flag puts `gc` into contexts that are made after it.
const collectGarbage = runInNewContext('gc') as () => void
const total = Number(process.argv[2] ?? 1_000_000)
const postgres = await startPostgres()
const pool = new pg.Pool({ connectionString: postgres.address, max: 4 })
try {
  const database = new PgDatabase({ pool })
  await new Migrator({ database, migrations: await readMigrationFolder('migrations') }).up({
    modules: ['budget'],
  })
  const budgets = new BudgetController({ database, operationTimeoutMs: 60_000 })
  for (let project = 0; project < PROJECTS; project++) {
    const scope = { tenantId: TENANT_ID, projectId: `p${project}` }
    await budgets.setLimit({ scope, limitTokens: 2 ** 50, actor: { id: 'memory', kind: 'human' } })
  }
  const seen: Memory[] = []
  for (let step = 1; step <= STEPS; step++) {
    const startedAt = performance.now()
    await reserve(budgets, Math.round((total * (step - 1)) / STEPS), Math.round((total * step) / STEPS))
    const seconds = (performance.now() - startedAt) / 1000
    const memory = measure(Math.round((total * step) / STEPS), total / STEPS / seconds)
    seen.push(memory)
    const { reservations, heapMib, rssMib, pairsPerSecond } = memory
    console.log(
      `${String(reservations).padStart(8)} reservations: ${heapMib.toFixed(1)} MiB heap, ${rssMib.toFixed(0)} MiB RSS, ` +
        `${Math.round(pairsPerSecond)} pairs/s`,
    )
  }
  judge(seen)
} finally {
  await pool.end()
  await postgres.stop()
}

async function reserve(budgets: BudgetController, from: number, until: number): Promise<void> {
  let next = from
  const call = async (): Promise<void> => {
    while (next < until) {
      const number = next++
      const requestId = `request-${number}`
      // A new task each time: what is remembered of tasks must not grow either.
      const scope = { tenantId: TENANT_ID, projectId: `p${number % PROJECTS}`, taskId: `task-${number}` }
      const { status } = await budgets.requestTokens({ requestId, ...scope, tokens: 10 })
      if (status !== 'granted') throw new Error(status)
      await budgets.commit({ tenantId: TENANT_ID, requestId, usage: { totalTokens: 7 } })
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, call))
}

function measure(reservations: number, pairsPerSecond: number): Memory {
  collectGarbage()
  const { heapUsed, rss } = process.memoryUsage()
  return { reservations, heapMib: heapUsed / MIB, rssMib: rss / MIB, pairsPerSecond }
}

function judge(seen: readonly Memory[]): void {
  const warm = seen[STEPS / 10 - 1]
  const last = seen.at(-1)
  if (warm === undefined || last === undefined) throw new RangeError('nothing was measured')
  const heapGrowth = last.heapMib - warm.heapMib
  const rssGrowth = last.rssMib - warm.rssMib
  const isFlat = heapGrowth <= MAX_HEAP_GROWTH_MIB && rssGrowth <= MAX_RSS_GROWTH_MIB
  console.log(
    `${isFlat ? 'flat' : 'GROWN'}: ${heapGrowth.toFixed(1)} MiB of heap and ${rssGrowth.toFixed(0)} MiB of RSS more ` +
      `than after ${warm.reservations} reservations`,
  )
  if (!isFlat) process.exitCode = 1
}
