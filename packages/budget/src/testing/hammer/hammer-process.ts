/** One of the processes that hammer budgets. It takes its order, and tells how far it is, over the channel of fork. */
import { PgDatabase } from '@golden-arch/core/storage'
import pg from 'pg'
import { BudgetController } from '../../budget-controller.ts'
import { type FailureCounts, liveThrough } from './hammer-life.ts'
import { hammerCall } from './hammer-plan.ts'

/** What the process is to do. */
export interface HammerOrder {
  readonly poolConfig: pg.PoolConfig
  /** Numbers of the ids to call, in order. */
  readonly calls: readonly number[]
}

/** What the process tells: how many calls are done, and in the end what failed on the way. */
export interface HammerNews {
  readonly doneCalls: number
  readonly failures?: FailureCounts
}

const CONCURRENT_CALLS = 32
const CALLS_BETWEEN_NEWS = 50

process.once('message', (order) => {
  // The parent sends nothing else.
  run(order as HammerOrder).then(
    (failures) =>
      tell({ doneCalls: (order as HammerOrder).calls.length, failures }, () => process.disconnect()),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

async function run({ poolConfig, calls }: HammerOrder): Promise<FailureCounts> {
  const pool = new pg.Pool({ ...poolConfig, max: 2 })
  // An idle connection that is cut tells it here, and must not end the process.
  pool.on('error', () => undefined)
  const budgets = new BudgetController({ database: new PgDatabase({ pool }), operationTimeoutMs: 60_000 })
  const failures: FailureCounts = {}
  const waiting = calls.values()
  let doneCalls = 0
  const work = async (): Promise<void> => {
    for (const number of waiting) {
      await liveThrough(budgets, hammerCall(number), failures)
      doneCalls++
      if (doneCalls % CALLS_BETWEEN_NEWS === 0) tell({ doneCalls })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT_CALLS }, work))
  await pool.end()
  return failures
}

function tell(news: HammerNews, afterwards?: () => void): void {
  process.send?.(news, undefined, undefined, () => afterwards?.())
}
