/**
 * Has the whole server, two processes of each role, work on the tasks of the demo at an even rate for two hours, beside
 * servers of its own, while one of the two processes, the servers and the model meet faults: killed, frozen, restarted,
 * silent. Memory, file handles, connections and queues must end where they were, and the end must be exactly that of a calm
 * run. Prints figures; exit code 1 where anything is wrong. Linux alone: it reads /proc.
 *
 * Usage: long-run [--minutes 120] [--tasks-per-minute 10] [--seed 1] [--picture <file.svg>] [--samples <file.json>]
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { drawCurves } from '../../examples/reference-server/src/testing/long-run/draw-curves.ts'
import { curvesOf, judgeSamples } from '../../examples/reference-server/src/testing/long-run/judge-samples.ts'
import { runLong } from '../../examples/reference-server/src/testing/long-run/long-run.ts'

const LOOK_EVERY_MS = 10_000
const PAUSE_MS = [15_000, 45_000] as const
/** For the start, and for what is under way in the end. */
const REST_MS = 1_800_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' },
    'tasks-per-minute': { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    picture: { type: 'string' },
    samples: { type: 'string' },
  },
})
const minutes = positive('--minutes', values.minutes)
const tasksPerMinute = positive('--tasks-per-minute', values['tasks-per-minute'])
const seed = positive('--seed', values.seed)
const startedAt = performance.now()
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 60_000).toFixed(2).padStart(6)} min  ${line}`)

const run = await runLong({
  seed,
  minutes,
  tasksPerMinute,
  lookEveryMs: LOOK_EVERY_MS,
  pauseMs: PAUSE_MS,
  say,
  signal: AbortSignal.timeout(minutes * 60_000 + REST_MS),
})
if (values.samples !== undefined) writeFileSync(values.samples, JSON.stringify(run.samples))
if (values.picture !== undefined) {
  const picture = drawCurves({
    title: `${minutes} minutes at ${tasksPerMinute} tasks a minute, with faults`,
    description:
      'Memory, file handles, connections, queues, disk and the times of answers, from start to end.',
    minutes,
    panels: curvesOf(run.samples),
  })
  writeFileSync(values.picture, picture)
}
const judged = judgeSamples(run.samples)
for (const [name, figure] of Object.entries({ ...run.figures, ...judged.figures }))
  console.log(`${name}: ${figure}`)
const problems = [...run.problems, ...judged.problems]
for (const problem of problems) console.log(`WRONG: ${problem}`)
if (problems.length > 0) process.exitCode = 1
else console.log('Nothing grew that must not, and every task ended as in a calm run.')

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1_000_000)) throw new RangeError(`${option} must be a number above 0`)
  return value
}
