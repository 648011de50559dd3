import { setTimeout as delay } from 'node:timers/promises'
import type { Finding } from '../../demo/check-bill.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'
import { ChaosClient } from './chaos-client.ts'
import { MODEL_ARGUMENTS } from './chaos-run.ts'
import { type ChaosServices, type ServiceStarters, startChaosServices } from './chaos-services.ts'
import { demoTasks } from './demo-tasks.ts'
import { endRun } from './end-run.ts'
import { FLEET_PASSWORD, fleetOf } from './fleet-of.ts'
import { SeededChoice } from './seeded-choice.ts'
import type { ServerFleet } from './server-fleet.ts'

/** A system at work, one of whose stores is lost. */
export interface LossScene {
  readonly services: ChaosServices
  readonly fleet: ServerFleet
  readonly client: ChaosClient
  /** All that are posted. */
  readonly tasks: readonly CodingTask[]
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** Resolves once that many steps of tasks have ended. */
  stepsEnded(count: number): Promise<void>
}

/** What is done to a store, and what an operator does about it. */
export interface StoreLoss {
  readonly title: string
  /** How the servers are started, where not as ever. */
  readonly start?: ServiceStarters
  /** Done while tasks are under way. What it resolves with is told. */
  readonly lose: (scene: LossScene) => Promise<Finding['figures']>
  /** Done once all tasks are posted; what is wrong with what it found is told. Default: nothing needs to be done. */
  readonly recover?: (scene: LossScene) => Promise<Finding>
  /** What is wrong in the end by the nature of the loss: counted, and not told as wrong. Default: nothing. */
  readonly inevitable?: { readonly name: string; readonly problems: RegExp }
}

/** How a run is made. */
export interface StoreLossPlan {
  readonly seed: number
  /** Of the tasks of the demo, those with these ids. Default all. */
  readonly taskIds?: readonly string[]
  readonly say: (line: string) => void
  /** Ends a run that does not come to its end. */
  readonly signal: AbortSignal
}

const POLL_MS = 100
const STEPS_BEFORE = 6

/** Has the server, each role a process, work on tasks while a store is lost; then looks whether all is as in a calm run. */
export async function runStoreLoss(loss: StoreLoss, plan: StoreLossPlan): Promise<Finding> {
  const { say, signal } = plan
  const services = await startChaosServices([...MODEL_ARGUMENTS, '--seed', String(plan.seed)], loss.start)
  const fleet = fleetOf(services)
  try {
    await fleet.start()
    say(`${loss.title}: six processes run`)
    const client = new ChaosClient(fleet, FLEET_PASSWORD)
    const stepsEnded = (count: number): Promise<void> => untilStepsEnded(services, count, signal)
    const tasks = new SeededChoice(plan.seed).shuffled(demoTasks(plan.taskIds))
    const scene: LossScene = { services, fleet, client, tasks, say, signal, stepsEnded }
    const half = Math.ceil(tasks.length / 2)
    const post = async (some: typeof tasks): Promise<void> => {
      for (const task of some) {
        await client.post(task, signal)
        await client.exhaust(`spent by ${task.id}`, signal)
      }
    }
    await post(tasks.slice(0, half))
    await stepsEnded(STEPS_BEFORE)
    // Some are posted while the store is away.
    const [lost] = await Promise.all([loss.lose(scene), post(tasks.slice(half))])
    say(`${loss.title}: all is posted`)
    const recovered = await loss.recover?.(scene)
    const found = await endRun(services, [fleet], { tasks, signal })
    const { name, problems: inevitable } = loss.inevitable ?? {}
    const problems = found.problems.filter((problem) => inevitable?.test(problem) !== true)
    return {
      figures: {
        'tasks posted': tasks.length,
        ...lost,
        ...recovered?.figures,
        ...(name === undefined ? {} : { [name]: found.problems.length - problems.length }),
        ...found.figures,
      },
      problems: [...(recovered?.problems ?? []), ...problems],
    }
  } finally {
    await fleet.destroy()
    await services.stop()
  }
}

/** Looks through any outage. Throws where the signal fires first. */
async function untilStepsEnded({ opened }: ChaosServices, count: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const ended = await opened.database
      .query<{ ended: bigint }>("SELECT count(*) AS ended FROM task_steps WHERE state IN ('done', 'failed')")
      .then(({ rows }) => Number(rows[0]?.ended))
      .catch(() => 0)
    if (ended >= count) return
    await delay(POLL_MS)
  }
}
