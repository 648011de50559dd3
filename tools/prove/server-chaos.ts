/**
 * Runs the tasks of the demo on the whole server, each of its six roles a process, beside PostgreSQL, Redis and NATS of
 * its own, while one process after the other is killed with SIGKILL and started anew and each of the three servers is
 * killed and restarted once. Every task must end as in a calm run, every token the model billed must be paid once, and
 * nothing may be lost or done twice. Prints figures; exit code 1 where anything is wrong. The first argument, a number,
 * sets who is killed and when; the second, how many are.
 */
import { runChaos } from '../../examples/reference-server/src/testing/chaos/chaos-run.ts'

const KILLS = 48
const MAX_RUN_MS = 3_600_000

const seed = Number(process.argv[2] ?? 20261121)
const kills = Number(process.argv[3] ?? KILLS)
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(kills) || kills < 1) {
  throw new RangeError(
    'usage: server-chaos [seed, a whole number] [kills, from 1 on: tasks are posted between them]',
  )
}
const startedAt = performance.now()
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`)

say(`seed ${seed}`)
const { figures, problems } = await runChaos({
  seed,
  kills,
  pauseMs: [1000, 4000],
  say,
  signal: AbortSignal.timeout(MAX_RUN_MS),
})
for (const [name, figure] of Object.entries(figures)) console.log(`${name}: ${figure}`)
for (const problem of problems) console.log(`WRONG: ${problem}`)
if (problems.length > 0) process.exitCode = 1
else console.log('Every task ended as in a calm run; nothing was lost, and nothing done twice.')
