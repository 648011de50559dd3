/**
 * Proves that the view `governance_status`, the function `can_auto_update_prompt` and the TypeScript that decides agree on
 * what is in the way of an update: over 10,000 random histories on a PostgreSQL of its own and 2,000 on PGlite, with
 * changes at and a microsecond beside the edges of every limit, around changes of daylight saving time, in sessions of
 * several time zones, and with changes of the future as after a step back of the clock. Prints figures; exit code 1 on
 * the first difference.
 * Usage: node --conditions=golden-arch-source tools/prove/governance-agreement.ts [histories, default 10000] [seed]
 */
import { startPostgres } from '@golden-arch/testkit'
import fc from 'fast-check'
import { decideLearning } from '../../packages/governance/src/learning/decide-learning.ts'
import { disagreementsOf } from '../../packages/governance/src/testing/learning-agreement.ts'
import {
  type HistoryBatch,
  historyBatches,
  historyCount,
} from '../../packages/governance/src/testing/learning-histories.ts'
import {
  type OpenedGovernance,
  openOnPglite,
  openOnPostgres,
} from '../../packages/governance/src/testing/opened-governance.ts'

const TENANTS = 5
const wanted = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 20_260_329)
if (!Number.isSafeInteger(wanted) || wanted < 100) throw new RangeError('give 100 histories or more')

const postgres = await startPostgres()
try {
  await prove('PostgreSQL', await openOnPostgres(postgres.address), wanted)
  await prove('PGlite', await openOnPglite(), wanted / 5)
} finally {
  await postgres.stop()
}

async function prove(title: string, opened: OpenedGovernance, histories: number): Promise<void> {
  const counts = new Map<string, number>()
  const startedAt = performance.now()
  let done = 0
  await fc.assert(
    fc.asyncProperty(historyBatches(TENANTS), async (batch) => {
      const [first] = await disagreementsOf(opened.database, batch)
      if (first !== undefined) throw new Error(`they differ: ${JSON.stringify(first, null, 2)}`)
      done += historyCount(batch)
      count(counts, batch)
    }),
    { numRuns: Math.ceil(histories / (TENANTS * 5)), seed },
  )
  await opened.close()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    `${title}: ${done} histories agree in view, function and TypeScript (seed ${seed}, ${seconds} s)`,
  )
  console.table(Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** What the histories were like, so that it shows that all cases were met. */
function count(counts: Map<string, number>, batch: HistoryBatch): void {
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const roles of batch.tenants) {
    for (const [role, history] of Object.entries(roles)) {
      const limits = Object.entries(batch.limits).find(([name]) => name === role)?.[1]
      if (limits === undefined) throw new Error('a role without limits')
      const { status } = decideLearning({
        rules: {
          agentRole: 'tester',
          ...limits,
          requiredApprovals: 1,
          requiresNotes: false,
          proposalTtlHours: 1,
        },
        history: history.applied.map(({ kind, at }) => ({ kind, appliedAt: new Date(at.ms) })),
        isFrozen: history.freezes.includes('in force'),
        now: new Date(batch.at.ms),
      })
      add(`status ${status}`)
      add(`day ${limits.day}`)
      add(`zone ${batch.timeZone}`)
      if (history.applied.some(({ at }) => at.ms > batch.at.ms)) add('with changes of the future')
    }
  }
}
