/**
 * Proves on a PostgreSQL of its own that lists and counts of tasks take as long among 1,000,000 tasks as among 1000:
 * by the rows of the table that are read for each. Prints these and the times, interleaved. Exit code 1 where more rows
 * are read than a page needs. A first argument of 0 to 1 scales the larger table down.
 */
import { startPostgres } from '@golden-arch/testkit'
import {
  addManyTasks,
  askTasks,
  TASK_QUESTIONS,
  taskRowsReadFor,
} from '../../packages/core/src/tasks/testing/many-tasks.ts'
import { openTasksOnPostgres } from '../../packages/core/src/tasks/testing/task-databases.ts'

const scale = Number(process.argv[2] ?? '1')
const SMALL = 1000
const LARGE = Math.max(20_000, Math.round(1_000_000 * scale))
const ROUNDS = 51

const postgres = await startPostgres()
const problems: string[] = []
try {
  const small = await openTasksOnPostgres(postgres.address, 1)
  const large = await openTasksOnPostgres(postgres.address, 1)
  await addManyTasks(small.database, SMALL)
  await addManyTasks(large.database, LARGE)
  console.log(`${'asked of tasks'.padEnd(28)} rows read   ms among ${SMALL}   ms among ${LARGE}`)
  for (const [name, question, most] of TASK_QUESTIONS) {
    const times: { small: number[]; large: number[] } = { small: [], large: [] }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [size, { database }] of [['small', small] as const, ['large', large] as const]) {
        const startedAt = performance.now()
        await database.transaction((tx) => askTasks(tx, question))
        times[size].push(performance.now() - startedAt)
      }
    }
    const read = await taskRowsReadFor(large.database, question)
    if (read > most) problems.push(`${name}: ${read} rows read, ${most} needed`)
    const columns = [String(read), median(times.small), median(times.large)].map((text) => text.padStart(12))
    console.log(`${name.padEnd(26)}${columns.join('')}`)
  }
  await small.close()
  await large.close()
} finally {
  await postgres.stop()
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

function median(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(2)
}
