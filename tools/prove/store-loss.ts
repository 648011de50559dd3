/**
 * Runs tasks of the demo on the whole server, each of its six roles a process, beside servers of its own, and has it lose
 * a store on the way: Redis everything it holds; NATS every stream; PostgreSQL its primary, whose synchronous standby takes
 * over. Each time every task must end as in a calm run, every token that the model billed must be paid once, the audit log
 * must verify, and nothing that was acknowledged may be lost. At last PostgreSQL goes back to a dump, and what came after it
 * is lost: every task that is posted again must end as in a calm run all the same. Prints figures; exit code 1 where anything is wrong. The
 * first argument, a number, sets in which order the tasks come; the second, a part of a title, which losses there are.
 */
import { runStoreLoss } from '../../examples/reference-server/src/testing/chaos/store-loss-run.ts'
import {
  natsLoss,
  postgresLoss,
  postgresReturn,
  redisLoss,
} from '../../examples/reference-server/src/testing/chaos/store-losses.ts'
import { startReplicatedPostgres } from '../../internal/testkit/src/services/start-replicated-postgres.ts'
import { openDumps } from '../backups/open-dumps.ts'

const MAX_RUN_MS = 1_200_000

const seed = Number(process.argv[2] ?? 20261122)
const wanted = process.argv[3] ?? ''
const startedAt = performance.now()
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)

say(`seed ${seed}`)
let isWrong = false
const losses = [
  redisLoss(),
  natsLoss(),
  postgresLoss(startReplicatedPostgres),
  postgresReturn(openDumps),
].filter(({ title }) => title.includes(wanted))
// A run of nothing would prove nothing.
if (losses.length === 0) throw new Error(`no loss has ${wanted} in its title`)
for (const loss of losses) {
  const { figures, problems } = await runStoreLoss(loss, {
    seed,
    say,
    signal: AbortSignal.timeout(MAX_RUN_MS),
  })
  for (const [name, figure] of Object.entries(figures)) console.log(`${name}: ${figure}`)
  for (const problem of problems) console.log(`WRONG: ${problem}`)
  isWrong ||= problems.length > 0
}
if (isWrong) process.exitCode = 1
else console.log('Every task ended as in a calm run.')
