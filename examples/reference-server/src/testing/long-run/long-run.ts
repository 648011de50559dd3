import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Finding } from '../../demo/check-bill.ts'
import type { ServerRole } from '../../server-role.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import { ChaosClient } from '../chaos/chaos-client.ts'
import { MODEL_ARGUMENTS } from '../chaos/chaos-run.ts'
import { startChaosServices } from '../chaos/chaos-services.ts'
import { DEMO_FOLDER, demoTasks } from '../chaos/demo-tasks.ts'
import { endRun } from '../chaos/end-run.ts'
import { FLEET_PASSWORD, fleetOf } from '../chaos/fleet-of.ts'
import { SeededChoice } from '../chaos/seeded-choice.ts'
import type { ServerFleet } from '../chaos/server-fleet.ts'
import { medianOf } from './flatness.ts'
import { randomFaults } from './random-faults.ts'
import { repeatCorpus } from './repeated-corpus.ts'
import { type SystemSample, watchSystem } from './system-sample.ts'

/** How long a system works, how much it is given, and how often something happens to it. */
export interface LongRunPlan {
  /** Chooses the faults and when they come. */
  readonly seed: number
  readonly minutes: number
  readonly tasksPerMinute: number
  /** Of these roles there are two processes, one of which meets faults. The gateway must be among them. Default all. */
  readonly shakenRoles?: readonly ServerRole[]
  /** Milliseconds between two looks at the system. */
  readonly lookEveryMs: number
  /** Milliseconds between two faults, at least and at most. */
  readonly pauseMs: readonly [number, number]
  readonly say: (line: string) => void
  /** Ends a run that does not come to its end. */
  readonly signal: AbortSignal
}

/** What was seen at one moment. */
export interface TimedSample {
  /** Since the first task was posted. */
  readonly minute: number
  readonly sample: SystemSample
}

/** What a run came to. */
export interface LongRunReport extends Finding {
  readonly samples: readonly TimedSample[]
}

/** More than any run spends. */
const NO_LIMIT_TOKENS = 1_000_000_000
const LIST = '/api/v1/tasks?limit=20'

/**
 * Has two processes of each role of the server work on the tasks of the demo, again and again and at an even rate, while
 * one of the two, the servers and the model meet faults; looks at all of it meanwhile, and holds the end against a calm
 * run. The other process of each role lives from start to end, so that what it gathers shows.
 */
export async function runLong(plan: LongRunPlan): Promise<LongRunReport> {
  const { minutes, tasksPerMinute, shakenRoles, seed, say, signal } = plan
  const count = Math.ceil(minutes * tasksPerMinute)
  const recording = mkdtempSync(join(tmpdir(), 'golden-arch-recording-'))
  const corpus = repeatCorpus(DEMO_FOLDER, recording, Math.ceil(count / demoTasks(undefined).length))
  const tasks = corpus.tasks.slice(0, count)
  const services = await startChaosServices([
    ...MODEL_ARGUMENTS,
    ...['--seed', String(seed), '--recording', recording],
  ])
  const secret = randomBytes(32).toString('hex')
  const [steady, shaken] = [
    fleetOf(services, { secret }),
    fleetOf(services, { secret, ...(shakenRoles === undefined ? {} : { roles: shakenRoles }) }),
  ]
  try {
    await Promise.all([steady.start(), shaken.start()])
    await new ChaosClient(steady, FLEET_PASSWORD).allow(NO_LIMIT_TOKENS, signal)
    say(`${steady.roles.length + shaken.roles.length} processes run`)
    const pids = await pidsOf(steady)
    const watch = await watchSystem(services, () => pids)
    const faults = randomFaults(services, shaken, new SeededChoice(seed))
    const seen = await workThrough({ plan, tasks, steady, shaken, faults, look: watch.look }).finally(() =>
      watch.close(),
    )
    say('all is posted, and nothing is done to anybody any more')
    const end = await endRun(services, [steady, shaken], { tasks, expectations: corpus.expectations, signal })
    return {
      samples: seen.samples,
      figures: { 'tasks posted': tasks.length, ...Object.fromEntries(seen.faults), ...end.figures },
      problems: end.problems,
    }
  } finally {
    await Promise.all([steady.destroy(), shaken.destroy()])
    await services.stop()
    rmSync(recording, { recursive: true })
  }
}

interface Work {
  readonly plan: LongRunPlan
  readonly tasks: readonly CodingTask[]
  readonly steady: ServerFleet
  readonly shaken: ServerFleet
  readonly faults: ReturnType<typeof randomFaults>
  readonly look: () => Promise<SystemSample>
}

interface Seen {
  readonly samples: readonly TimedSample[]
  /** By kind, how many. */
  readonly faults: ReadonlyMap<string, number>
}

async function workThrough({ plan, tasks, steady, shaken, faults, look }: Work): Promise<Seen> {
  const startedAt = performance.now()
  const endsAt = startedAt + plan.minutes * 60_000
  const failing = new AbortController()
  const signal = AbortSignal.any([plan.signal, failing.signal])
  const client = new ChaosClient(steady, FLEET_PASSWORD)
  const other = new ChaosClient(shaken, FLEET_PASSWORD)
  const choice = new SeededChoice(plan.seed + 1)
  const postMs: number[] = []
  const counts = new Map<string, number>()
  const samples: TimedSample[] = []

  const post = async (task: CodingTask): Promise<void> => {
    const postedAt = performance.now()
    await client.post(task, signal)
    postMs.push(performance.now() - postedAt)
    await other.exhaust(`spent by ${task.id}`, signal)
  }
  const postAll = async (): Promise<void> => {
    const posts = tasks.map(async (task, index) => {
      await waitUntil(startedAt + ((index + 0.5) * plan.minutes * 60_000) / tasks.length, signal)
      await post(task)
    })
    await Promise.all(posts)
  }
  const disturb = async (): Promise<void> => {
    for (;;) {
      const pauseMs = choice.between(...plan.pauseMs)
      if (performance.now() + pauseMs >= endsAt) return
      await delay(pauseMs, undefined, { signal })
      const kind = await faults(plan.say)
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
  }
  const watch = async (): Promise<void> => {
    for (let turn = 1; startedAt + turn * plan.lookEveryMs <= endsAt; turn++) {
      await waitUntil(startedAt + turn * plan.lookEveryMs, signal)
      const askedAt = performance.now()
      await client.read(LIST, signal)
      const answers = { 'listing 20 tasks': performance.now() - askedAt }
      const posted = medianOf(postMs.splice(0))
      samples.push({
        minute: (performance.now() - startedAt) / 60_000,
        sample: {
          ...(await look()),
          'an answer, ms': posted === undefined ? answers : { ...answers, 'posting a task': posted },
        },
      })
    }
  }
  const parts = [postAll(), disturb(), watch()].map((part) =>
    part.catch((error: unknown) => {
      failing.abort(error)
      throw error
    }),
  )
  await Promise.all(parts)
  return { samples, faults: counts }
}

async function waitUntil(moment: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, moment - performance.now()), undefined, { signal })
}

async function pidsOf(fleet: ServerFleet): Promise<ReadonlyMap<string, number>> {
  const pids = await Promise.all(
    fleet.roles.map(async (role) => [role, (await fleet.whenRuns(role)).child.pid] as const),
  )
  return new Map(pids.flatMap(([role, pid]) => (pid === undefined ? [] : [[role, pid] as const])))
}
