/**
 * Kills the demo, all of it one process on PGlite, with SIGKILL at random moments and starts it again until it completes: 25
 * runs on 5 data folders. Each folder must come to the very outcome of a run that nobody disturbs, each call paid as the
 * model billed it. What `server-chaos` does to processes on PostgreSQL and NATS, this does to the database in the process.
 * The first argument, a number, sets the moments; the second, how many folders there are.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type DemoProcess, startDemo } from '../../examples/reference-server/src/demo/testing/demo-process.ts'
import { AS_EXPECTED } from '../../examples/reference-server/src/demo/testing/stage-problems.ts'
import { openDatabase } from '../../examples/reference-server/src/open-database.ts'
import { SeededChoice } from '../../examples/reference-server/src/testing/chaos/seeded-choice.ts'
import { temporaryFolder } from '../../internal/testkit/src/isolation/temporary-folder.ts'
import { silentLogger } from '../../packages/core/src/observability/index.ts'

const KILLS_PER_FOLDER = 4
/** Lines of progress after which a run is killed at the latest; a whole run says about 150. */
const MAX_LINES = 60
const MAX_FURTHER_MS = 300

const seed = Number(process.argv[2] ?? 20261121)
const folders = Number(process.argv[3] ?? 5)
const choice = new SeededChoice(seed)
console.log(`seed ${seed}`)
const folder = await temporaryFolder('demo-kills')
const sums = { runs: 0, kills: 0, resumed: 0, calls: 0, estimated: 0, wrong: 0 }
try {
  for (let index = 0; index < folders; index++) await killAgainAndAgain(join(folder.path, `data-${index}`))
} finally {
  await folder.remove()
}
console.log(
  `${sums.runs} runs, ${sums.kills} killed, ${sums.resumed} resumed, ${sums.calls} model calls, ` +
    `${sums.estimated} of them charged as estimated, ${sums.wrong} folders with a wrong end`,
)
if (sums.wrong > 0 || sums.kills === 0) process.exitCode = 1

async function killAgainAndAgain(data: string): Promise<void> {
  const moments: string[] = []
  for (let kill = 0; kill <= KILLS_PER_FOLDER; kill++) {
    const run = startDemo(data)
    sums.runs++
    if (kill < KILLS_PER_FOLDER) {
      const lines = choice.between(0, MAX_LINES)
      const furtherMs = choice.between(0, MAX_FURTHER_MS)
      moments.push(`${lines} lines + ${furtherMs} ms`)
      await said(run, lines)
      await Promise.race([delay(furtherMs), run.exit])
      run.child.kill('SIGKILL')
    }
    const { code, signal, output } = await run.exit
    if (output.includes('Continuing')) sums.resumed++
    if (signal === 'SIGKILL') {
      sums.kills++
      continue
    }
    const isRight = code === 0 && output.includes(AS_EXPECTED)
    if (!isRight) sums.wrong++
    const { calls, estimated } = await countCalls(data)
    sums.calls += calls
    sums.estimated += estimated
    console.log(
      `killed at ${moments.join(', ')}: ${calls} calls, ${estimated} estimated: ${isRight ? 'as expected' : 'WRONG'}`,
    )
    if (!isRight) console.log(output)
    return
  }
}

function said(run: DemoProcess, lines: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (run.output().split('\n').length > lines) resolve()
    }
    run.child.stdout?.on('data', look)
    void run.exit.then(() => resolve())
    look()
  })
}

async function countCalls(data: string): Promise<{ calls: number; estimated: number }> {
  const opened = await openDatabase({ folder: join(data, 'database') }, silentLogger)
  try {
    const { rows } = await opened.database.query<{ calls: bigint; estimated: bigint }>(
      `SELECT (SELECT count(*) FROM task_effects) AS calls,
              (SELECT count(*) FROM task_effects WHERE state = 'uncertain') AS estimated`,
    )
    return { calls: Number(rows[0]?.calls), estimated: Number(rows[0]?.estimated) }
  } finally {
    await opened.close()
  }
}
