/**
 * Proves on a PostgreSQL of its own that the queue of tasks, their steps, their quotas and the registry of agents take
 * as long among 1,000,000 rows as among 1000: by the rows that each statement reads. Prints these and the times,
 * interleaved. Exit code 1 where more rows are read than needed. A first argument of 0 to 1 scales the larger tables down.
 */
import { startPostgres } from '@golden-arch/testkit'
import {
  addManySteps,
  rowsReadFor,
  STEP_QUESTIONS,
} from '../../packages/core/src/tasks/testing/many-steps.ts'
import { openTasksOnPostgres } from '../../packages/core/src/tasks/testing/task-databases.ts'

const scale = Number(process.argv[2] ?? '1')
const SMALL = 1000
const LARGE = Math.max(20_000, Math.round(1_000_000 * scale))
const ROUNDS = 31

const postgres = await startPostgres()
const problems: string[] = []
try {
  const small = await openTasksOnPostgres(postgres.address, 1)
  const large = await openTasksOnPostgres(postgres.address, 1)
  for (const [count, { database }] of [[SMALL, small] as const, [LARGE, large] as const]) {
    await addManySteps(database, count)
    for (const table of ['tasks', 'task_steps', 'agents']) await database.query(`ANALYZE ${table}`)
  }
  console.log(`${'asked of steps'.padEnd(34)} rows read   ms among ${SMALL}   ms among ${LARGE}`)
  for (const [name, ask, most] of STEP_QUESTIONS) {
    const times: { small: number[]; large: number[] } = { small: [], large: [] }
    let read = 0
    for (let round = 0; round < ROUNDS; round++) {
      for (const [size, { database }] of [['small', small] as const, ['large', large] as const]) {
        const startedAt = performance.now()
        read = await rowsReadFor(database, ask)
        times[size].push(performance.now() - startedAt)
      }
    }
    if (read > most) problems.push(`${name}: ${read} rows read, ${most} needed`)
    const columns = [String(read), median(times.small), median(times.large)].map((text) => text.padStart(12))
    console.log(`${name.padEnd(32)}${columns.join('')}`)
  }
  await small.close()
  await large.close()
} finally {
  await postgres.stop()
}
for (const problem of problems) console.error(`WRONG: ${problem}`)
if (problems.length > 0) process.exitCode = 1

function median(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(2)
}
