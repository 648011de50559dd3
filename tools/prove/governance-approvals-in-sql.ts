/**
 * Proves on a PostgreSQL of its own that approvals and rejections in SQL come to the same answers, rows, audit entries
 * and events as those of the classes, over random stories of people, expiries, moved labels and changed rules. Prints
 * figures; exit code 1 where the two differ. A first argument of 0 to 1 scales the number of stories down, a second one
 * is the seed.
 */
import { isDeepStrictEqual } from 'node:util'
import { startPostgres } from '@golden-arch/testkit'
import fc from 'fast-check'
import { approvalStories, tellTwice } from '../../packages/governance/src/testing/approval-agreement.ts'
import { openOnPostgres } from '../../packages/governance/src/testing/opened-governance.ts'

const scale = Number(process.argv[2] ?? '1')
const seed = Number(process.argv[3] ?? String(Date.now() % 1_000_000))
const STORIES = Math.max(10, Math.round(300 * scale))

const postgres = await startPostgres()
const opened = await openOnPostgres(postgres.address)
const answers = new Map<string, number>()
let different = 0
for (const story of fc.sample(approvalStories, { numRuns: STORIES, seed })) {
  const { classes, functions } = await tellTwice(opened.database, story)
  for (const answer of classes.answers) answers.set(answer, (answers.get(answer) ?? 0) + 1)
  if (isDeepStrictEqual(classes, functions)) continue
  different++
  console.log(
    `DIFFERENT: ${JSON.stringify({ story, classes: classes.answers, functions: functions.answers })}`,
  )
}
console.log(`${STORIES} stories, seed ${seed}: ${different} different. The answers to their words:`)
console.table(Object.fromEntries([...answers].sort()))
if (different > 0) process.exitCode = 1
await opened.close()
await postgres.stop()
