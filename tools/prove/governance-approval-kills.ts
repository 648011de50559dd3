/**
 * Proves on a PostgreSQL of its own that a process killed at any statement of an approval, a rejection, a broken glass or
 * what the system does with them leaves all of it or nothing, and that done again it is done once: the rows, the audit
 * entries and the events are then those of an act that nobody disturbed. Prints figures; exit code 1 otherwise. A first
 * argument of 0 to 1 scales the number of kills down.
 */
import { startPostgres } from '@golden-arch/testkit'
import type { DeathMoment } from '../../packages/governance/src/testing/approval-crash-process.ts'
import { ACT_KINDS, openCrashedApprovals } from '../../packages/governance/src/testing/crashed-approvals.ts'

const scale = Number(process.argv[2] ?? '1')
const every = Math.max(1, Math.round(1 / scale))
const postgres = await startPostgres()
const crashed = await openCrashedApprovals(postgres.address)
const problems: string[] = []
const figures: Record<string, object> = {}

for (const kind of ACT_KINDS) {
  const expected = await crashed.undisturbed(kind)
  const count = expected.statements.length
  // Once a statement is answered is before the next one is sent.
  const deaths: (readonly [number, DeathMoment])[] = [[1, 'before']]
  for (let statement = 1; statement <= count; statement++)
    deaths.push([statement, 'sent'], [statement, 'answered'])
  let kills = 0
  let wrong = 0
  for (const [index, [statement, moment]] of deaths.entries()) {
    if (index % every !== 0) continue
    kills++
    const found = await crashed.killed(kind, { statement, moment }, expected)
    if (found.length > 0) wrong++
    const text = expected.statements[statement - 1]
    problems.push(...found.map((one) => `${kind}, statement ${statement} (${text}) ${moment}: ${one}`))
  }
  figures[kind] = { statements: count, kills, wrong }
  console.log(`${kind}: ${kills} kills, ${wrong} wrong`)
}
console.table(figures)
for (const problem of problems) console.log(`WRONG: ${problem}`)
if (problems.length > 0) process.exitCode = 1
await crashed.close()
await postgres.stop()
